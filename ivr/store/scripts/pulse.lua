-- How busy it is. ARGV: a record key or "", then queue names.
-- Returns {position of the record in each queue or -1...}, {waiting in each queue...}, {abilities, free, working, ...}.
local positions, counts, people = {}, {}, {}
for i = 2, #ARGV do
  local key = 'queue:' .. ARGV[i]
  positions[i - 1] = redis.call('ZRANK', key, ARGV[1]) or -1
  counts[i - 1] = redis.call('ZCARD', key)
end
for _, abilities in ipairs(redis.call('SMEMBERS', 'abilities')) do
  people[#people + 1] = abilities
  people[#people + 1] = redis.call('ZCARD', 'idle:' .. abilities)
  people[#people + 1] = redis.call('SCARD', 'signed_in:' .. abilities)
end
return {positions, counts, people}
