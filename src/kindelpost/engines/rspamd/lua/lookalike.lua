-- P3.4: mail from outside whose From passes for a hosted domain and is not: the display name shows a hosted address or domain,
-- or the From's domain is a neighbour of one (letters of other scripts that look alike, a typo, its dots as hyphens).
-- Instead of all hosted domains being compared, the few names that a foreign one may be a distortion of are looked up.

local rspamd_util = require 'rspamd_util'
local address = require 'kindelpost.address'
local door = require 'kindelpost.door'
local punycode = require 'kindelpost.punycode'
local tenants = require 'kindelpost.tenants'

local lookalike = {}

local LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-'
-- One letter more or less makes another honest word of a short one.
local SHORTEST_TYPO, SHORTEST_SWAP = 6, 4
local LONGEST = 64
local SWAPS = { { 'rn', 'm' }, { 'vv', 'w' }, { 'cl', 'd' }, { '0', 'o' }, { '1', 'l' }, { '1', 'i' }, { '5', 's' }, { 'l', 'i' } }

-- Calls `found(word)` for every word at one letter's distance: one more, one less, another one, two neighbours exchanged.
local function typos(word, found)
  for i = 1, #word + 1 do
    local head, tail = word:sub(1, i - 1), word:sub(i)
    if tail ~= '' then
      found(head .. tail:sub(2))
      found(head .. tail:sub(2, 2) .. tail:sub(1, 1) .. tail:sub(3))
    end
    for c in LETTERS:gmatch('.') do
      found(head .. c .. tail)
      if tail ~= '' then
        found(head .. c .. tail:sub(2))
      end
    end
  end
end

-- Calls `found(word)` for every word that looks like this one, a pair of look-alikes exchanged once or everywhere.
local function swaps(word, found)
  for _, pair in ipairs(SWAPS) do
    for _, way in ipairs({ { pair[1], pair[2] }, { pair[2], pair[1] } }) do
      found((word:gsub(way[1], way[2])))
      local at = word:find(way[1], 1, true)
      while at do
        found(word:sub(1, at - 1) .. way[2] .. word:sub(at + #way[1]))
        at = word:find(way[1], at + 1, true)
      end
    end
  end
end

-- The letters of a word in UTF-8, those of other scripts as the ASCII ones that they look like; nil when all are ASCII.
local function plain(word)
  local out, other = {}, false
  for char in word:gmatch('[%z\1-\127\194-\244][\128-\191]*') do
    if #char > 1 then
      other = true
      for c in LETTERS:gmatch('.') do
        if rspamd_util.is_utf_spoofed(char, c) then
          char = c
          break
        end
      end
    end
    out[#out + 1] = char
  end
  return other and table.concat(out) or nil
end

-- The hosted domain that `label` under `rest` distorts, by `same(name)`.
local function distorted(label, rest, same)
  local unicode = label:match('^xn%-%-(.+)$')
  local seen = unicode and punycode.decode(unicode)
  local shown = seen and plain(seen)
  local hit = shown and same(shown .. rest)
  local function try(word)
    hit = hit or (word ~= label and word ~= '' and same(word .. rest))
  end
  local word = shown or label
  if #word > LONGEST then
    return hit
  end
  if shown and shown:find('[\128-\255]') then -- one letter with a mark on it may be another letter: kädakas
    local bare, marks = shown:gsub('[\194-\244][\128-\191]+', '\0')
    for c in (marks == 1 and #bare >= SHORTEST_TYPO and LETTERS or ''):gmatch('.') do
      try((bare:gsub('%z', c)))
    end
    return hit
  end
  if #word >= SHORTEST_SWAP then
    swaps(word, try)
  end
  if #word >= SHORTEST_TYPO then
    typos(word, try)
  end
  return hit
end

-- The hosted domain that stands in a foreign one: kadakas-ee.com, kadakas.ee.remote.com.
local function contained(name, org, same)
  local label = org:match('^[^.]+')
  local hit = same((label:gsub('-', '.')))
  for at = 2, #label - 1 do
    if label:sub(at, at) == '-' then
      hit = hit or same(label:sub(1, at - 1) .. '.' .. label:sub(at + 1))
    end
  end
  local rest = name
  while rest and #rest > #org do
    local front = rest:sub(1, -2 - #org) -- the labels before the organization's own
    while front:find('.', 1, true) do
      hit = hit or same(front)
      front = front:match('^(.+)%.[^.]+$') or ''
    end
    rest = rest:match('^[^.]+%.(.+)$')
  end
  return hit
end

-- The hosted domain that `name`, a foreign domain in lower case, passes for; or nil.
function lookalike.of(name)
  local org = address.organization(name)
  local function same(candidate)
    return tenants.domains:get_key(candidate) and address.organization(candidate) ~= org and candidate or nil
  end
  local hit = contained(name, org, same)
  -- each label of the organization's domain and below that is not the public suffix
  local front = ''
  local suffix = org:match('^[^.]+(.*)$')
  local rest = name
  while not hit and rest and #rest > #suffix do
    local label, tail = rest:match('^([^.]+)(.*)$')
    if not label then
      break
    end
    hit = distorted(label, tail, function(word)
      return same(front .. word) or same(word)
    end)
    front = front .. label .. '.'
    rest = tail:sub(2)
    if tail == suffix then
      break
    end
  end
  return hit
end

-- The hosted domain that a From shows beside its own address, or nil.
function lookalike.shown(text, own)
  local rest = text:lower()
  local at = rest:find(own, 1, true)
  while at do
    rest = rest:sub(1, at - 1) .. ' ' .. rest:sub(at + #own)
    at = rest:find(own, at, true)
  end
  for word in rest:gmatch('[%w-]+%.[%w.-]*%w') do
    local hosted = tenants.hosted(word)
    if hosted then
      return hosted
    end
  end
  return nil
end

-- Normal.
function lookalike.check(task)
  if door.of(task) ~= 'mx' then
    return
  end
  for _, header in ipairs(task:get_header_full('From') or {}) do
    local own = address.only(header.value or '')
    local domain = own and address.domain(own)
    if own and not tenants.hosted(domain) then
      local hit = lookalike.shown(header.decoded or '', own) or lookalike.of(domain)
      if hit then
        task:insert_result('KP_LOOKALIKE', 1.0, domain, hit)
      end
    end
  end
end

return lookalike
