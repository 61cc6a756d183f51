-- Who might be matched now: the heads of every line and the longest idle of every kind of agent.
-- ARGV: seconds of the window in which a caller's own agent may take them; most of each.
-- Returns {waiting JSON...}, {idle JSON...}.
local window, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local waiting, idle = {}, {}
for _, abilities in ipairs(redis.call('SMEMBERS', 'abilities')) do
  for _, agent in ipairs(redis.call('ZRANGE', 'idle:' .. abilities, 0, most - 1)) do
    idle[#idle + 1] = redis.call('HGET', 'idle', agent) or nil
  end
end
if #idle == 0 then return {waiting, idle} end
for _, needs in ipairs(redis.call('SMEMBERS', 'lines')) do
  local key = 'line:' .. needs
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if head[1] then
    local members = redis.call('ZRANGEBYSCORE', key, '-inf', head[2] + window, 'LIMIT', 0, most)
    for _, member in ipairs(members) do
      waiting[#waiting + 1] = redis.call('HGET', 'waiting', member) or nil
    end
  end
end
return {waiting, idle}
