-- Phishing (P3.4): mail that wants to be taken for somebody known, or that asks for a password. Found is scored, not refused: what a
-- rule takes for phishing lies in Junk, where a person may know better.
-- A display name that is another address is scored by Rspamd itself (SPOOF_DISPLAY_NAME).

local rspamd_regexp = require 'rspamd_regexp'
local address = require 'kindelpost.address'
local door = require 'kindelpost.door'
local tenants = require 'kindelpost.tenants'

local phishing = {}

local FORM = rspamd_regexp.create('/<form[\\s>]/i')
local PASSWORD = rspamd_regexp.create('/<input[^>]{0,400}type\\s*=\\s*["\']?password/i')
local SHORTEST = 5 -- letters of a name: with fewer many an honest name is one letter away
-- What a reader takes for something else (Unicode TR39, the letters that are used for it), after decoding.
local ALIKE = {
  ['0'] = 'o', ['1'] = 'l', ['3'] = 'e', ['5'] = 's', i = 'l', ['а'] = 'a', ['е'] = 'e', ['о'] = 'o', ['р'] = 'p', ['с'] = 'c',
  ['у'] = 'y', ['х'] = 'x', ['і'] = 'l', ['ѕ'] = 's', ['к'] = 'k', ['ո'] = 'n', ['ı'] = 'l', ['ɡ'] = 'g', ['ö'] = 'o', ['õ'] = 'o',
  ['ä'] = 'a', ['ü'] = 'u', ['š'] = 's', ['ž'] = 'z', ['é'] = 'e', ['á'] = 'a', ['ο'] = 'o', ['α'] = 'a', ['ν'] = 'v', ['-'] = '',
}
local PAIRS = { rn = 'm', vv = 'w', cl = 'd' }

-- A form that asks for a password, in a message: nobody honest does that.
function phishing.form(task)
  if door.of(task) ~= 'mx' then
    return
  end
  for _, part in ipairs(task:get_text_parts() or {}) do
    if part:is_html() then
      local text = part:get_content('raw_parsed') or part:get_content('raw')
      if text and FORM:match(text) and PASSWORD:match(text) then
        task:insert_result('KP_PHISHING_FORM', 1.0)
        return
      end
    end
  end
end

local BASE, TMIN, TMAX, SKEW, DAMP, BIAS, FIRST = 36, 1, 26, 38, 700, 72, 128 -- RFC 3492 §5

local function utf8_of(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
  end
  return string.char(0xE0 + math.floor(code / 4096) % 16, 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

-- A label of a name as people see it: what stands behind xn-- is decoded (RFC 3492 §6.2); nil where it is none.
local function seen(label)
  local coded = label:match('^xn%-%-(.+)$')
  if not coded then
    return label
  end
  local out, rest = {}, coded
  local plain, tail = coded:match('^(.*)%-([^-]*)$')
  if plain then
    for letter in plain:gmatch('.') do
      out[#out + 1] = letter:byte()
    end
    rest = tail
  end
  local code, i, bias, at = FIRST, 0, BIAS, 1
  while at <= #rest do
    local before, weight, k = i, 1, BASE
    while true do
      local c = rest:sub(at, at)
      at = at + 1
      local digit = c:match('%l') and c:byte() - 97 or c:match('%d') and c:byte() - 22 or nil
      if not digit then
        return nil
      end
      i = i + digit * weight
      local least = k <= bias and TMIN or k >= bias + TMAX and TMAX or k - bias
      if digit < least then
        break
      end
      weight, k = weight * (BASE - least), k + BASE
    end
    local size = #out + 1
    local delta = math.floor((i - before) / (before == 0 and DAMP or 2))
    delta, k = delta + math.floor(delta / size), 0
    while delta > ((BASE - TMIN) * TMAX) / 2 do
      delta, k = math.floor(delta / (BASE - TMIN)), k + BASE
    end
    bias = k + math.floor((BASE - TMIN + 1) * delta / (delta + SKEW))
    code, i = code + math.floor(i / size), i % size
    if code > 0xFFFF or size > 63 then
      return nil
    end
    table.insert(out, i + 1, code)
    i = i + 1
  end
  for number, letter in ipairs(out) do
    out[number] = utf8_of(letter)
  end
  return table.concat(out)
end

-- A name with every letter replaced by the one that it is taken for.
local function skeleton(text)
  local out = text:gsub('[%z\1-\127\194-\244][\128-\191]*', ALIKE)
  for pair, one in pairs(PAIRS) do
    out = out:gsub(pair, one)
  end
  return out
end

-- Whether two texts differ by one letter added, left out or exchanged, or by two neighbours that changed places.
local function near(a, b)
  if math.abs(#a - #b) > 1 then
    return false
  end
  local first = 1
  while first <= #a and a:byte(first) == b:byte(first) do
    first = first + 1
  end
  if #a == #b then
    local swapped = a:sub(first, first + 1) == b:sub(first, first + 1):reverse()
    return a:sub(first + 1) == b:sub(first + 1) or (swapped and a:sub(first + 2) == b:sub(first + 2))
  elseif #a > #b then
    return a:sub(first + 1) == b:sub(first)
  end
  return a:sub(first) == b:sub(first + 1)
end

-- The registrable name without its public suffix, as people see it: `kadakas` of mail.kadakas.ee.
local function named(domain)
  local whole = address.registrable(domain)
  return seen(whole:match('^([^.]+)%.') or whole), whole
end

-- Whether `domain` wants to be taken for `hosted`: its name looks the same, is one letter away, or spells the domain with dashes. The same
-- name under another suffix is honest too often: firms have several.
function phishing.alike(domain, hosted)
  local name = named(domain)
  local own, own_whole = named(hosted)
  if not name or not own or name == own or #own < SHORTEST then
    return false
  end
  return skeleton(name) == skeleton(own) or near(name, own) or name:find(own_whole:gsub('%.', '-'), 1, true) ~= nil
end

-- A From whose domain is taken for the recipient's own.
function phishing.lookalike(task)
  if door.of(task) ~= 'mx' then
    return
  end
  local from = task:get_from('mime')
  local domain = from and from[1] and (from[1].domain or ''):lower() or ''
  if domain == '' or tenants.hosted(domain) then
    return
  end
  for _, rcpt in ipairs(task:get_recipients('smtp') or {}) do
    local hosted = tenants.hosted(address.domain((rcpt.addr or ''):lower()))
    if hosted and phishing.alike(domain, hosted) then
      task:insert_result('KP_LOOKALIKE', 1.0, domain .. ' for ' .. hosted)
      return
    end
  end
end

return phishing
