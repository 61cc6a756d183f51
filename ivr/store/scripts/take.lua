-- The reconciler's look: members whose wake has passed, their wake moved on by a grace so that a lost bell costs no more.
-- ARGV: now, grace, most.
local due = redis.call('ZRANGEBYSCORE', 'due', '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do
  redis.call('ZADD', 'due', 'XX', ARGV[1] + ARGV[2], member)
end
return due
