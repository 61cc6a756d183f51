-- One more attempt, unless there were too many lately. What was refused does not count: whoever waits is let in again.
-- ARGV: now, seconds, name of this attempt, then pairs: what, most.
-- Returns "" when it may be made, else the seconds to wait.
local now, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local wait = 0
for i = 4, #ARGV, 2 do
  redis.call('ZREMRANGEBYSCORE', ARGV[i], '-inf', now - seconds)
  local most = tonumber(ARGV[i + 1])
  if redis.call('ZCARD', ARGV[i]) >= most then
    local oldest = redis.call('ZRANGE', ARGV[i], -most, -most, 'WITHSCORES')
    wait = math.max(wait, oldest[2] + seconds - now)
  end
end
if wait > 0 then return tostring(wait) end
for i = 4, #ARGV, 2 do
  redis.call('ZADD', ARGV[i], now, ARGV[3])
  redis.call('EXPIRE', ARGV[i], math.ceil(seconds) + 60)
end
return ''
