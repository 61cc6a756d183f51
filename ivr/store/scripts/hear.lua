-- Write an input down unless its number is taken, and read the contact with all its inputs.
-- ARGV: contact, its inputs, number and input or "" twice, then sets of callers.
-- Returns {contact, inputs, the hand-driven clock or nil, how many in each set, what stands for the line}, flat. Nothing is kept of a contact that is not there.
local contact = redis.call('HGETALL', ARGV[1])
if ARGV[3] ~= '' and #contact > 0 then redis.call('HSETNX', ARGV[2], ARGV[3], ARGV[4]) end
local callers = {}
for i = 5, #ARGV do callers[i - 4] = redis.call('SCARD', ARGV[i]) end
return {contact, redis.call('HGETALL', ARGV[2]), redis.call('GET', 'clock'), callers,
  redis.call('HMGET', 'standing:line', 'rev', 'version', 'notices')}
