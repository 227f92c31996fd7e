-- script.lua: one flush of a node to one tag: who it is, its entries, its words; and what the tag knows (exchange.h).
-- SPDX-License-Identifier: MIT
--
-- It runs 64 times a second for each node, so that a line more is a cost. script.c leaves out comments and blanks in front.
-- KEYS  epoch, nodes, words, order of words, then one hash for each item
-- ARGV  1 node, 2 instance, 3 instance before, 4 every ms, 5 rate, 6 from, 7 an epoch if there is none, 8 version heard or '',
--       9 '1': peers, 10 a byte for each item: '@' + 1 writes + 2 asks for all + 4 its end is moved,
--       11 number of words; then of each item: entry, the entry that the node knows to be there, by how much ADDED grew since
--       (both '' unless the new one differs by SEQ, ADDED and the claim alone), ms to live; then of each word: field, instant,
--       node, value
-- Only an error of the type of an item's key is the item's own: any other one is the answer. What is there may be an attacker's:
-- a list of more than MANY machines is made anew, and what was said or seen more than AHEAD ms after now was never said.
if redis.replicate_commands then redis.replicate_commands() end
local call, match, byte, format = redis.pcall, string.match, string.byte, string.format
local MOST, EXACT, MANY, AHEAD = 140737488355327, 9007199254740992, 4096, 86400000
local node, time = ARGV[1], call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The name is another node's that was seen not long ago.
local had = call('HGET', KEYS[2], node)
if type(had) == 'table' then return had end
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
local done = call('HSET', KEYS[2], node, here)
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

local function sum_read(text)
  local sum = text and match(text, '^%d+$') and tonumber(text)
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

local out, n, every_entry = {}, 0, {}
for i = 5, #KEYS do
  local key, at = KEYS[i], 4 * i - 8
  local have = call('HMGET', key, node, ':added', ':corrected')
  -- Nearly always: what is there is what the node knows, and it has to be read no more.
  local sum = have[1] == ARGV[at + 1] and ARGV[at + 2] ~= '' and have[2] and tonumber(have[2])
  if sum and sum >= 0 and sum < EXACT - MOST and (have[3] == '0' or sum_read(have[3])) then
    sum = sum + ARGV[at + 2]
    done = call('HSET', key, node, ARGV[at], ':added', sum)
    if type(done) == 'table' then return done end
    out[n + 1], out[n + 2], out[n + 3] = '', sum, have[3]
  elseif have.err then
    if not match(have.err, 'WRONGTYPE') then return have end
    out[n + 1], out[n + 2], out[n + 3] = 0, 0, 0
  else
    local what = byte(ARGV[10], i - 4) - 64
    local old, added, corrected = have[1], sum_read(have[2]), sum_read(have[3])
    local s, t, a, c, claim
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
            done = call('HSET', key, node, new, ':added', format('%.0f', added), ':corrected', format('%.0f', corrected))
          elseif a2 ~= a then
            done = call('HSET', key, node, new, ':added', format('%.0f', added))
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
        done = call('HSET', key, ':added', format('%.0f', added), ':corrected', format('%.0f', corrected))
        if type(done) == 'table' then return done end
        call('PEXPIRE', key, ARGV[at + 3])
      end
    elseif what >= 4 and what % 2 == 1 and call('PTTL', key) < ARGV[at + 3] / 2 then
      call('PEXPIRE', key, ARGV[at + 3])
    end
    if what % 4 >= 2 then every_entry[#every_entry + 1] = all_read(key) end
    out[n + 1] = said == ARGV[at] and '' or said
    out[n + 2], out[n + 3] = format('%.0f', added), format('%.0f', corrected)
  end
  n = n + 3
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
  local at = 4 * (#KEYS + i) - 4
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
  if #all > 2 * MANY then
    call('PEXPIRE', KEYS[2], 0) -- gone at once
    call('HSET', KEYS[2], node, here)
    all = {node, here}
  end
  for i = 1, #all, 2 do
    local seen = match(all[i + 1], '^%S+ (%d+) ')
    if not seen or now - seen > 604800000 or seen - now > AHEAD or #all[i] + #all[i + 1] > 512 then
      call('HDEL', KEYS[2], all[i])
    else
      peers[#peers + 1], peers[#peers + 2] = all[i], all[i + 1]
    end
  end
end
return {1, time[1], time[2], epoch, heard ~= '' and format('%.0f', version) or '', words, peers, out, every_entry}
