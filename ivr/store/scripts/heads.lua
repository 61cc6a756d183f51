-- Who might be matched now: the heads of every queue and the longest idle of every kind of agent.
-- ARGV: most of each. Not only the very first of a queue: the agents who are free may be those who have passed them.
-- Returns {waiting JSON...}, {idle JSON...}.
local last = tonumber(ARGV[1]) - 1
local waiting, idle = {}, {}
for _, abilities in ipairs(redis.call('SMEMBERS', 'abilities')) do
  for _, agent in ipairs(redis.call('ZRANGE', 'idle:' .. abilities, 0, last)) do
    idle[#idle + 1] = redis.call('HGET', 'idle', agent) or nil
  end
end
if #idle == 0 then return {waiting, idle} end
for _, needs in ipairs(redis.call('SMEMBERS', 'requirements')) do
  local key = 'requirements:' .. needs
  for _, member in ipairs(redis.call('ZRANGE', key, 0, last)) do
    local told = redis.call('HGET', 'waiting', member)
    if told then waiting[#waiting + 1] = told else redis.call('ZREM', key, member) end
  end
end
return {waiting, idle}
