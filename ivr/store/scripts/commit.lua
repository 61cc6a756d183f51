-- All or nothing: every record is still at the version that the change was decided on, then every write.
-- ARGV[1]: JSON {checks: [[key, version], ...], absent: [key, ...], ops: [[command, ...], ...], due: bool, replicas: count or nil}
-- Returns "" when written, else the key that was not as expected, or "too few replicas" have been heard of in the last seconds.
local change = cjson.decode(ARGV[1])
for _, check in ipairs(change.checks) do
  local version = redis.call('HGET', check[1], 'version') or ''
  if version ~= check[2] then return check[1] end
end
for _, key in ipairs(change.absent) do
  if redis.call('EXISTS', key) == 1 then return key end
end
if change.replicas then
  local near = 0
  for lag in redis.call('INFO', 'replication'):gmatch('state=online,[^\r\n]*lag=(%d+)') do
    if tonumber(lag) <= 3 then near = near + 1 end
  end
  if near < change.replicas then return 'too few replicas' end
end
for _, op in ipairs(change.ops) do redis.call(unpack(op)) end
if change.due then redis.call('PUBLISH', 'due_now', '') end
return ''
