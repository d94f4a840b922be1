-- The rules of one governor. KEYS: its state (hash), the turns that are held (by the moment their lease ends), the
-- people who wait (by the moment they are forgotten). ARGV[1] is the question. Times are milliseconds of Redis' clock.

local STATE, TURNS, PEOPLE = KEYS[1], KEYS[2], KEYS[3]
local START, LEAST, MOST = 4, 2, 48   -- turns at once: before a hint, never below, never above (Microsoft cuts at 52)
local WINDOW = 300000                 -- what Microsoft's two budgets are counted over
local SPARE, SCARCE = 0.05, 0.25      -- share of a budget kept for people; share below which background is paced
local SPREAD = 75000                  -- what is left of a scarce budget is spread so that it never quite ends
local SLOWEST = 10000                 -- a background call at least every so often
local LEASE = 60000                   -- a killed process's turns come back after this
local ATTENTION = 500                 -- a person who waits asks again within this
local KEPT = 3600000                  -- an idle governor is forgotten and learns anew

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local known = {}
local flat = redis.call('HGETALL', STATE)
for i = 1, #flat, 2 do known[flat[i]] = tonumber(flat[i + 1]) or flat[i + 1] end

local function note(name, value)
  known[name] = value
  redis.call('HSET', STATE, name, tostring(value))
end

local function keep()
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, KEPT) end
end

local function limit() return math.floor(known.limit or START) end

local function reserve() return math.max(1, math.floor(limit() / 4)) end

-- Milliseconds between two background calls, so that this budget lasts. 0 where it is plentiful or not known.
local function gap_of(left, most, cost)
  if not left or not most or most <= 0 or now - (known.told_at or 0) > WINDOW then return 0 end
  if left >= most * SCARCE then return 0 end
  return math.min(SLOWEST, cost * SPREAD / math.max(left - most * SPARE, 0.001))
end

local function gap()
  local least = 0
  if (known.slow_until or 0) > now and not known.left then least = 2 * WINDOW / 6000 end
  local by_requests = gap_of(known.left, known.most, 1)
  local by_time = gap_of(known.time_left, known.time_most, (known.mean or 0) / 1000)
  return math.floor(math.max(least, by_requests, by_time))
end

local function room(priority)
  if priority == 'person' then return limit() end
  if redis.call('ZCARD', PEOPLE) > 0 then return 0 end
  return limit() - reserve()
end

local questions = {}

-- turn, priority, how long it would wait -> {granted, milliseconds to wait, why}
function questions.acquire(turn, priority, patience)
  patience = tonumber(patience)
  local pause = (known.pause or 0) - now
  if pause > 0 then return {0, pause, 'pause'} end
  if redis.call('ZCARD', TURNS) >= room(priority) then
    if priority == 'person' then redis.call('ZADD', PEOPLE, now + ATTENTION, turn) end
    return {0, 0, 'full'}
  end
  local wait = 0
  if priority ~= 'person' then
    local between = gap()
    if between > 0 then
      local slot = math.max(now, known.next or 0)
      wait = slot - now
      if wait > patience then return {0, wait, 'budget'} end
      note('next', slot + between)
    end
  end
  redis.call('ZADD', TURNS, now + LEASE + wait, turn)
  redis.call('ZREM', PEOPLE, turn)
  if known.left and known.left > 0 then note('left', known.left - 1) end
  keep()
  return {1, wait, ''}
end

-- turn, status, which limit was hit, milliseconds to leave Microsoft alone, milliseconds it took, hint, budgets left
function questions.observe(turn, status, hit, pause, took, hint, left, time_left)
  status, pause, took, hint = tonumber(status), tonumber(pause), tonumber(took), tonumber(hint)
  left, time_left = tonumber(left), tonumber(time_left)
  local held = redis.call('ZCARD', TURNS)
  redis.call('ZREM', TURNS, turn)
  if hint then
    if not known.limit then note('limit', math.max(LEAST, math.min(MOST, hint))) end
    note('hint', hint)
  end
  if left then note('left', left); note('most', math.max(left, known.most or 0)); note('told_at', now) end
  if time_left then
    note('time_left', time_left)
    note('time_most', math.max(time_left, known.time_most or 0))
    note('told_at', now)
  end
  -- Places given out by what was known before do not hold up those who know better now.
  if known.next and known.next > now + gap() then note('next', now + gap()) end
  if pause > 0 then note('pause', math.max(known.pause or 0, now + pause)) end
  if hit ~= '' then
    note('hit', hit)
    note('hit_at', now)
    if hit == 'concurrency' then
      -- Calls that were under way together meet the limit together: that is one reason to halve, not many.
      if now >= (known.calm_until or 0) then
        note('limit', math.max(LEAST, math.floor(limit() / 2)))
        note('calm_until', now + math.max(1000, pause))
      end
    else
      note('slow_until', now + pause + WINDOW)
    end
  elseif status >= 200 and status < 500 then
    note('mean', (known.mean or took) * 0.9 + took * 0.1)
    if held >= limit() - reserve() and limit() < MOST then
      local step = limit() < (known.hint or 0) and 1 or 0.1
      note('limit', math.min(MOST, (known.limit or START) + step / limit()))
    end
  end
  keep()
  return 1
end

-- priority -> how many calls of it make sense at once: those that fit, and no more than the pace lets begin
function questions.parallelism(priority)
  local most = math.max(1, room(priority))
  local between = priority == 'person' and 0 or gap()
  if between > 0 then most = math.min(most, math.max(1, math.ceil((known.mean or 0) / between))) end
  return most
end

-- everything, for people to look at: limit, held, reserved, people waiting, milliseconds of pause and between calls,
-- hint, requests left and most, seconds left and most, mean milliseconds, which limit was hit last, milliseconds ago
function questions.read()
  local function text(value) return value and tostring(value) or '' end
  return {
    limit(), redis.call('ZCARD', TURNS), reserve(), redis.call('ZCARD', PEOPLE),
    math.max(0, (known.pause or 0) - now), gap(), text(known.hint),
    text(known.left), text(known.most), text(known.time_left), text(known.time_most), text(known.mean),
    text(known.hit), known.hit_at and text(now - known.hit_at) or '',
  }
end

redis.call('ZREMRANGEBYSCORE', TURNS, '-inf', now)
redis.call('ZREMRANGEBYSCORE', PEOPLE, '-inf', now)
return questions[ARGV[1]](unpack(ARGV, 2))
