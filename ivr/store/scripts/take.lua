-- The scheduler takes the records that are due, and moves their due time on by a grace so that a lost job costs no more.
-- ARGV: now, grace, most.
local due = redis.call('ZRANGEBYSCORE', 'due', '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do
  redis.call('ZADD', 'due', 'XX', ARGV[1] + ARGV[2], member)
end
return due
