-- Read a record and those that it names, which may name others.
-- ARGV: key of the first; JSON [[record type, [source, field], ...], ...]: each further record's id is the first of these fields
-- that is not empty; a source is a place in the list of records, counted from 1. JSON {field, value, index, record type}: when this
-- field of the first record has this value, all records of the index are read, too.
-- Returns {{hash, ...}, the hand-driven clock or nil, the line status, {hash, ...} of the index}; of a record that is not there an empty hash.
local keys, found = {ARGV[1]}, {redis.call('HGETALL', ARGV[1])}
for _, link in ipairs(cjson.decode(ARGV[2])) do
  local id = ''
  for i = 2, #link do
    local source, field = link[i][1], link[i][2]
    if id == '' and keys[source] ~= '' then id = redis.call('HGET', keys[source], field) or '' end
  end
  keys[#keys + 1] = id ~= '' and (link[1] .. ':' .. id) or ''
  found[#found + 1] = id ~= '' and redis.call('HGETALL', keys[#keys]) or {}
end
local all, when = {}, cjson.decode(ARGV[3])
if redis.call('HGET', ARGV[1], when[1]) == when[2] then
  for _, id in ipairs(redis.call('ZRANGE', when[3], 0, -1)) do all[#all + 1] = redis.call('HGETALL', when[4] .. ':' .. id) end
end
return {found, redis.call('GET', 'manual_clock'),
  redis.call('HMGET', 'line_status:line', 'version', 'flow_version', 'stored_announcements'), all}
