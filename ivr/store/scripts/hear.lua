-- Write an input down unless its number is taken, and read the contact with all its inputs.
-- ARGV: contact, its inputs, number, time and input or "" three times, then sets of callers.
-- A hand-driven clock decides the time of an input: the process that writes it may not have read that clock since it was moved.
-- Returns {contact, inputs, the hand-driven clock or nil, how many in each set, the line status}, flat. Nothing is kept of a contact that is not there.
local contact = redis.call('HGETALL', ARGV[1])
local clock = redis.call('GET', 'manual_clock')
if ARGV[3] ~= '' and #contact > 0 then redis.call('HSETNX', ARGV[2], ARGV[3], (clock or ARGV[4]) .. ' ' .. ARGV[5]) end
local callers = {}
for i = 6, #ARGV do callers[i - 5] = redis.call('SCARD', ARGV[i]) end
return {contact, redis.call('HGETALL', ARGV[2]), clock, callers,
  redis.call('HMGET', 'line_status:line', 'version', 'flow_version', 'stored_announcements')}
