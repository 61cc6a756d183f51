-- Nobody need look at this member again, unless somebody has asked for it since.
-- ARGV: member, the wake it was looked at for.
local wake = redis.call('ZSCORE', 'due', ARGV[1])
if wake and tonumber(wake) == tonumber(ARGV[2]) then redis.call('ZREM', 'due', ARGV[1]) end
return 0
