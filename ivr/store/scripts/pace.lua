-- A place in the stream of calls being started. ARGV: now, seconds between calls, "live" or "callback".
-- Returns the seconds to wait, "0" when the place is taken. A callback stands back while live calls had to wait lately.
local now, gap, kind = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local free = tonumber(redis.call('GET', 'call_rate') or '0')
local pressed = tonumber(redis.call('GET', 'call_rate:live') or '0')
if kind == 'callback' and pressed > now then return tostring(pressed - now + gap / 2) end
if free <= now then
  redis.call('SET', 'call_rate', tostring(now + gap), 'EX', 60)
  return '0'
end
if kind == 'live' then redis.call('SET', 'call_rate:live', tostring(free + gap), 'EX', 60) end
return tostring(free - now)
