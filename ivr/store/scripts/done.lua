-- Nobody need process this record again, unless somebody has scheduled it since.
-- ARGV: record key, the due time that was read.
local wake = redis.call('ZSCORE', 'due', ARGV[1])
if wake and tonumber(wake) == tonumber(ARGV[2]) then redis.call('ZREM', 'due', ARGV[1]) end
return 0
