-- script.lua: one flush of a node to one tag: who it is, its entries, its words; and what the tag knows (exchange.h).
-- SPDX-License-Identifier: MIT
--
-- It runs 64 times a second for each node, so that a line more is a cost. tools/embed.py leaves out comments and blanks in front.
-- KEYS  epoch, nodes, words, order of words, then one hash for each item
-- ARGV  1 node, 2 instance, 3 instance before, 4 every ms, 5 rate, 6 from, 7 an epoch if there is none, 8 version heard or '',
--       9 '1': peers, 10 a byte for each item: '@' + 1 writes + 2 asks for all + 4 its end is moved,
--       11 number of words, 12 the mark that the node's last command left, or '', 13 the one that this leaves, 14 the ms to
--       live of each item in 11 digits, 15 the greatest step; then of each item: entry, its step; then of each word: field,
--       instant, node, value
-- The step of an entry: by how much ADDED grew since the entry that the node knows to be there, if it is that one but for SEQ,
-- ADDED and the claim; '=' if it is that one; else ''. What the node knows is true while the mark is its own: nobody else writes
-- its entries, and a command that was lost, doubled or overtaken left another mark, or none. So a step is taken unread.
-- Only an error of the type of an item's key is the item's own: any other one is the answer. What is there may be an
-- attacker's: a list of more than MANY machines is made anew, and what was said more than AHEAD ms after now was never said.
if redis.replicate_commands then redis.replicate_commands() end
local KEYS, ARGV, type = KEYS, ARGV, type -- what is local costs a third
local call, match, byte, format = redis.pcall, string.match, string.byte, string.format
local MOST, EXACT, MANY, AHEAD = 140737488355327, 9007199254740992, 4096, 86400000
local node, time = ARGV[1], call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The name is another node's that was seen not long ago.
local record = call('HMGET', KEYS[2], node, ':' .. node)
if record.err then return record end
local had, is_known = record[1], ARGV[12] ~= '' and record[2] == ARGV[12]
if had then
  local instance, seen, every, from = match(had, '^(%S+) (%d+) (%d+) %d+ (%S+)$')
  if instance and instance ~= ARGV[2] and instance ~= ARGV[3] then
    local ago = now - seen
    if ago > -60000 and ago < math.max(60000, math.min(600000, 10 * every)) then
      return {0, time[1], time[2], from, seen}
    end
  end
end
local here =
  ARGV[2] .. ' ' .. format('%.0f', now) .. ' ' .. ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6]
local done = call('HSET', KEYS[2], node, here, ':' .. node, ARGV[13])
if type(done) == 'table' then return done end
local epoch = call('GET', KEYS[1])
if type(epoch) == 'table' then return epoch end
local made = epoch and #epoch < 64 and match(epoch, '^%d+ (%d+)$')
if not made or made - now > AHEAD then
  epoch = ARGV[7] .. ' ' .. format('%.0f', now)
  call('SET', KEYS[1], epoch)
end
if call('PTTL', KEYS[2]) < 1296000000 then
  for i = 1, 4 do call('PEXPIRE', KEYS[i], 2592000000) end
end

local function entry_read(text)
  local s, t, a, c, claim = match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+ %d+)$')
  if not s then return end
  s, t, a, c = s + 0, t + 0, a + 0, c + 0
  if s < 1 or s >= EXACT or t >= EXACT or a > MOST or c > MOST then return end
  return s, t, a, c, claim
end

-- While something was taken back in a window, its sum of ADDED ends in ".0": HINCRBY refuses it, and CORRECTED is read.
local function sum_write(added, corrected)
  return format(corrected > 0 and '%.0f.0' or '%.0f', added)
end

local function sum_read(text)
  local sum = text and tonumber(match(text, '^(%d+)%.?0?$') or '')
  return sum and sum < EXACT and sum or nil
end

-- All of a window. When that is more than it can be, nothing is there any more: each machine tells its own again.
local function all_read(key)
  local all, bytes = call('HGETALL', key), 0
  for i = 1, #all do bytes = bytes + #all[i] end
  if #all > 2 * MANY + 4 or bytes > 128 * #all + 1024 then
    call('PEXPIRE', key, 0)
    return {}
  end
  return all
end

-- Both sums, from all entries.
local function sums_make(key)
  local all, added, corrected = all_read(key), 0, 0
  for i = 1, #all, 2 do
    if byte(all[i]) ~= 58 then
      local s, t, a, c = entry_read(all[i + 1])
      if s then added, corrected = added + a, corrected + c end
    end
  end
  return added, corrected, #all
end

-- Of two claims of one sequence the greater one.
local function claim_greater(x, y)
  local a, b = match(x, '(%d+) (%d+)')
  local c, d = match(y, '(%d+) (%d+)')
  a, b, c, d = a + 0, b + 0, c + 0, d + 0
  return a > c or a == c and b > d
end

-- Two entries of one node that are not simply the older and the newer.
local function entry_merge(s, t, a, c, claim, s2, t2, a2, c2, claim2)
  if t ~= t2 then
    if s2 > s or s2 == s and t2 > t then return s2, t2, a2, c2, claim2 end
    return s, t, a, c, claim
  end
  if s2 > s or s2 == s and claim_greater(claim2, claim) then claim = claim2 end
  return math.max(s, s2), t, math.max(a, a2), math.max(c, c2), claim
end

local out, every_entry, most = {}, {}, ARGV[15] + 0
for i = 5, #KEYS do
  local key, at = KEYS[i], 2 * i + 6
  local by, sum, is_wrong, have = ARGV[at + 1]
  -- Nearly always the entry that is there is known, and has to be read no more.
  if is_known and by ~= '' then
    if by == '=' then
      sum = call('HGET', key, ':added')
      if type(sum) ~= 'string' or #sum > 15 or not match(sum, '^%d+$') then sum = nil end
    else
      sum = call('HINCRBY', key, ':added', by)
      if type(sum) ~= 'number' then
        sum = nil
      elseif sum < 0 or sum >= EXACT or sum <= most and sum == by + 0 or call('HSET', key, node, ARGV[at]) ~= 0 then
        sum, is_wrong = nil, true
      end
    end
  end
  if not sum then have = call('HMGET', key, node, ':added', ':corrected') end
  if sum then
    out[i - 4] = sum
  elseif have.err then
    if not match(have.err, 'WRONGTYPE') then return have end
    out[i - 4] = {0}
  else
    local what, ms = byte(ARGV[10], i - 4) - 64, string.sub(ARGV[14], 11 * i - 54, 11 * i - 44) + 0
    local old, added, corrected = have[1], sum_read(have[2]), sum_read(have[3])
    local s, t, a, c, claim
    if is_wrong then added = nil end
    if old then s, t, a, c, claim = entry_read(old) end
    if not s then old, a, c = false, 0, 0 end
    local said = old
    if what % 2 == 1 then
      local new = ARGV[at]
      local s2, t2, a2, c2, claim2 = entry_read(new)
      if s and not (t2 == t and s2 > s and a2 >= a and c2 >= c) then
        s2, t2, a2, c2, claim2 = entry_merge(s, t, a, c, claim, s2, t2, a2, c2, claim2)
        new = format('%.0f %.0f %.0f %.0f %s', s2, t2, a2, c2, claim2)
      end
      if new ~= old then
        if added and corrected then
          added = added + a2 - a
          if c2 ~= c then
            corrected = corrected + c2 - c
            done = call('HSET', key, node, new, ':added', sum_write(added, corrected), ':corrected',
              format('%.0f', corrected))
          elseif a2 ~= a then
            done = call('HSET', key, node, new, ':added', sum_write(added, corrected))
          else
            done = call('HSET', key, node, new)
          end
        else
          done = call('HSET', key, node, new)
        end
        if type(done) == 'table' then return done end
      end
      said = new
    end
    if not (added and corrected) then
      local fields
      added, corrected, fields = sums_make(key)
      if fields > 0 then
        done = call('HSET', key, ':added', sum_write(added, corrected), ':corrected', format('%.0f', corrected))
        if type(done) == 'table' then return done end
        call('PEXPIRE', key, ms)
      end
    elseif what >= 4 and what % 2 == 1 and call('PTTL', key) < ms / 2 then
      call('PEXPIRE', key, ms)
    end
    if what % 4 >= 2 then every_entry[#every_entry + 1] = all_read(key) end
    out[i - 4] = {said == ARGV[at] and '' or said, format('%.0f', added), format('%.0f', corrected)}
  end
end

-- Words: not by Lua's order of texts, which is that of the server's locale.
local function text_after(x, y)
  for i = 1, math.min(#x, #y) do
    local a, b = byte(x, i), byte(y, i)
    if a ~= b then return a > b end
  end
  return #x > #y
end
local version = call('HGET', KEYS[3], ':v')
if type(version) == 'table' then return version end
version = sum_read(version) or 0
for i = 0, ARGV[11] - 1 do
  local at = 2 * #KEYS + 8 + 4 * i
  local field, instant, by, value = ARGV[at], ARGV[at + 1] + 0, ARGV[at + 2], ARGV[at + 3]
  local old = call('HGET', KEYS[3], field)
  local o_instant, o_by, o_value
  if old then o_instant, o_by, o_value = match(old, '^(%d+) (%S+) (.*)$') end
  if not o_by or o_instant - now > AHEAD or instant > o_instant + 0 or instant == o_instant + 0
    and (text_after(by, o_by) or by == o_by and text_after(value, o_value)) then
    version = math.max(version + 1, time[1] * 1000000 + time[2])
    local text = format('%.0f', version)
    done = call('HSET', KEYS[3], field, ARGV[at + 1] .. ' ' .. by .. ' ' .. value, ':v', text)
    if type(done) == 'table' then return done end
    done = call('ZADD', KEYS[4], text, field)
    if type(done) == 'table' then return done end
    call('PEXPIRE', KEYS[3], 2592000000)
    call('PEXPIRE', KEYS[4], 2592000000)
  end
end
local words, heard = {}, ARGV[8]
if heard ~= '' and heard + 0 > version then heard = '0' end
if heard ~= '' and version > heard + 0 then
  local order = call('ZRANGEBYSCORE', KEYS[4], '(' .. heard, '+inf', 'WITHSCORES', 'LIMIT', 0, 500)
  if order.err then return order end
  if #order == 1000 then version = tonumber(order[1000]) or version end
  for i = 1, #order, 2 do
    local value = #order[i] <= 512 and call('HGET', KEYS[3], order[i])
    if value and #value <= 4300 then words[#words + 1], words[#words + 2] = order[i], value end
  end
end

-- Who was not seen for a week is forgotten.
local peers = {}
if ARGV[9] == '1' then
  local all = call('HGETALL', KEYS[2])
  if #all > 4 * MANY then
    call('PEXPIRE', KEYS[2], 0) -- gone at once
    call('HSET', KEYS[2], node, here, ':' .. node, ARGV[13])
    all = {node, here}
  end
  for i = 1, #all, 2 do
    local seen = match(all[i + 1], '^%S+ (%d+) ')
    if byte(all[i]) == 58 then
      -- a mark, which goes with its node
      if #all[i] + #all[i + 1] > 512 then call('HDEL', KEYS[2], all[i]) end
    elseif not seen or now - seen > 604800000 or seen - now > AHEAD or #all[i] + #all[i + 1] > 512 then
      call('HDEL', KEYS[2], all[i], ':' .. all[i])
    else
      peers[#peers + 1], peers[#peers + 2] = all[i], all[i + 1]
    end
  end
end
return {1, time[1], time[2], epoch, heard ~= '' and format('%.0f', version) or '', words, peers, out, every_entry}
