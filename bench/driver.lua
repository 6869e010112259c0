-- The load driver, for wrk with as many threads as connections: each thread is one virtual user who takes one
-- step at a time and checks every answer. `wrk … -- PLAN` names a file of `name<TAB>value` lines.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } bench_time;
  int clock_gettime(int clock, bench_time *now);
]]
local MONOTONIC = 1
local CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" -- RFC 7636, appendix B
local VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

local clock = ffi.new("bench_time")
local function milliseconds()
  ffi.C.clock_gettime(MONOTONIC, clock)
  return tonumber(clock.seconds) * 1e3 + tonumber(clock.nanoseconds) / 1e6
end

local function encoded(text)
  return (text:gsub("[^%w%-%._~]", function(c) return string.format("%%%02X", c:byte()) end))
end

local function decoded(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function member(body, name)
  return body:match('"' .. name .. '"%s*:%s*"([^"]+)"')
end

-- Read by done(), so global: wrk keeps one Lua state a thread.
number, done_flows, failures, first_failure = 0, 0, 0, ""
took = {}

local threads = {}
function setup(thread)
  thread:set("number", #threads)
  threads[#threads + 1] = thread
end

local plan, visitors = {}, {}
local visitor, place, step, count = nil, 0, 1, 0
local asked_at, began_at, code, access = 0, 0, nil, nil

local function headers(more)
  local all = { ["Host"] = plan.host, ["X-Forwarded-Proto"] = "https", ["X-Forwarded-For"] = "192.0.2.7" }
  for name, value in pairs(more) do all[name] = value end
  return all
end

local function get(path, more)
  return wrk.format("GET", visitor.prefix .. path, headers(more))
end

local function post(path, body)
  local more = { ["Authorization"] = visitor.basic, ["Content-Type"] = "application/x-www-form-urlencoded" }
  return wrk.format("POST", visitor.prefix .. path, headers(more), body)
end

local function userinfo(token) return get(plan.userinfo, { ["Authorization"] = "Bearer " .. token }) end
local function tells_subject(status, _, body) return status == 200 and member(body, "sub") ~= nil end
local function document(path, holds)
  return {
    ask = function() return get(path(), {}) end,
    check = function(status, _, body) return status == 200 and body:find(holds, 1, true) ~= nil end,
  }
end

local STEPS = {}

STEPS.authorize = {
  ask = function()
    count = count + 1
    return get(plan.authorize .. "?response_type=code&client_id=" .. visitor.client_id .. "&redirect_uri=" ..
      encoded(visitor.redirect_uri) .. "&scope=" .. encoded(plan.scope) .. "&state=s" .. count .. "&nonce=n" .. number ..
      "-" .. count .. "&code_challenge=" .. CHALLENGE .. "&code_challenge_method=S256",
      { ["Cookie"] = visitor.cookie, ["Accept"] = "text/html" })
  end,
  check = function(status, found)
    local to = found["Location"] or found["location"] or ""
    local given = to:match("[?&]code=([^&]+)")
    code = given and decoded(given)
    return (status == 302 or status == 303) and code ~= nil and to:sub(1, #visitor.redirect_uri) == visitor.redirect_uri
      and to:match("[?&]state=([^&]+)") == "s" .. count
  end,
}

STEPS.token = {
  ask = function()
    return post(plan.token, "grant_type=authorization_code&code=" .. encoded(code) .. "&redirect_uri=" ..
      encoded(visitor.redirect_uri) .. "&code_verifier=" .. VERIFIER)
  end,
  check = function(status, _, body)
    access = member(body, "access_token")
    local refreshes = plan.refreshes == "0" or member(body, "refresh_token") ~= nil
    return status == 200 and access ~= nil and member(body, "id_token") ~= nil and refreshes
  end,
}

STEPS.userinfo = { ask = function() return userinfo(access) end, check = tells_subject }
STEPS.again = { ask = function() return userinfo(visitor.access) end, check = tells_subject }

STEPS.refresh = {
  ask = function()
    return post(plan.token, "grant_type=refresh_token&refresh_token=" .. encoded(visitor.refresh))
  end,
  check = function(status, _, body)
    local next_one = member(body, "refresh_token")
    visitor.refresh = next_one or visitor.refresh
    return status == 200 and member(body, "access_token") ~= nil and next_one ~= nil
  end,
}

STEPS.introspect = {
  ask = function() return post(plan.introspect, "token=" .. encoded(visitor.access)) end,
  check = function(status, _, body) return status == 200 and body:find('"active"%s*:%s*true') ~= nil end,
}

STEPS.discovery = document(function() return plan.discovery end, '"token_endpoint"')
STEPS.jwks = document(function() return plan.jwks end, '"kty"')

local OPERATIONS = {
  flow = { STEPS.authorize, STEPS.token, STEPS.userinfo },
  authorize = { STEPS.authorize },
  refresh = { STEPS.refresh },
  userinfo = { STEPS.again },
  introspection = { STEPS.introspect },
  discovery = { STEPS.discovery },
  jwks = { STEPS.jwks },
}
local steps

local function read_visitors(path)
  for line in io.lines(path) do
    local prefix, client_id, basic, redirect_uri, cookie, given, refresh =
      line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$")
    visitors[#visitors + 1] = {
      prefix = prefix, client_id = client_id, basic = basic, redirect_uri = redirect_uri, cookie = cookie,
      access = given, refresh = refresh,
    }
  end
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local name, value = line:match("^([^\t]*)\t(.*)$")
    plan[name] = value
  end
  read_visitors(plan.visitors)
  steps = OPERATIONS[plan.operation]
  place = tonumber(plan.first) + number
end

function request()
  asked_at = milliseconds()
  if step == 1 then
    visitor = visitors[place % #visitors + 1]
    place = place + tonumber(plan.connections)
    began_at = asked_at
  end
  return steps[step].ask()
end

function response(status, found, body)
  local now = milliseconds()
  if not steps[step].check(status, found, body) then
    failures = failures + 1
    if first_failure == "" then
      first_failure = "step " .. step .. ": " .. status .. " " .. (found["Location"] or "") .. " " .. body:sub(1, 200)
    end
    step = 1
  elseif step < #steps then
    step = step + 1
  else
    done_flows = done_flows + 1
    took[#took + 1] = now - began_at
    step = 1
  end
end

function done(summary)
  local all, flows, failed, failure = {}, 0, 0, ""
  for _, thread in ipairs(threads) do
    local times = thread:get("took")
    for i = 1, #times do all[#all + 1] = times[i] end
    flows, failed = flows + thread:get("done_flows"), failed + thread:get("failures")
    failure = failure == "" and thread:get("first_failure") or failure
  end
  table.sort(all)
  local function quantile(share) return all[math.max(1, math.ceil(#all * share))] or 0 end
  local errors = summary.errors
  failed = failed + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("BENCH\t%d\t%d\t%.6f\t%.4f\t%.4f\t%s\n", flows, failed, summary.duration / 1e6, quantile(.5),
    quantile(.99), (failure:gsub("%s+", " "))))
end
