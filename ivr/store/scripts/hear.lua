-- Write an input down unless its number is taken, and read the contact with all its inputs.
-- ARGV: contact, its inputs, then number and input, or nothing. Returns {contact, inputs, the hand-driven clock or nil}, flat.
if ARGV[3] then redis.call('HSETNX', ARGV[2], ARGV[3], ARGV[4]) end
return {redis.call('HGETALL', ARGV[1]), redis.call('HGETALL', ARGV[2]), redis.call('GET', 'clock')}
