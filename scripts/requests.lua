-- For wrk: asks for the paths in a file, one a line, round and round in their order; a line that is no path is a search:
--
--     REQUESTS=queries.txt wrk -t1 -c2 -d30s -s scripts/requests.lua http://127.0.0.1:8080
--
-- Each is rendered anew. At the end there is one line such as
--
--     p50_ms=1.23 p99_ms=4.56 requests_per_second=789.0 failures=0
--
-- in which failures are answers other than 2xx and 3xx and errors of the connection.

local paths = {}
local position = 0
local threads = 0

-- Each thread begins elsewhere, so that they do not ask for the same at the same time.
function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init()
    local name = os.getenv("REQUESTS")
    if not name then
        error("REQUESTS does not name a file")
    end
    for line in io.lines(name) do
        if line:sub(1, 1) == "/" then
            paths[#paths + 1] = line
        elseif line ~= "" then
            local encoded = line:gsub("[^%w%-._~]", function(letter)
                return string.format("%%%02X", letter:byte())
            end)
            paths[#paths + 1] = "/api/v1/search?q=" .. encoded
        end
    end
    if #paths == 0 then
        error(name .. " is empty")
    end
    -- wrk asks the first thread once more than it sends, to see what a request looks like.
    position = number == 0 and #paths - 1 or number * 61 % #paths
    wrk.headers["Cache-Control"] = "no-cache"
end

function request()
    position = position % #paths + 1
    return wrk.format("GET", paths[position])
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        "p50_ms=%.2f p99_ms=%.2f requests_per_second=%.1f failures=%d\n",
        latency:percentile(50) / 1000,
        latency:percentile(99) / 1000,
        summary.requests / (summary.duration / 1000000),
        errors.status + errors.connect + errors.read + errors.write + errors.timeout
    ))
end
