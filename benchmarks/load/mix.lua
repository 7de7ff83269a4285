-- The readers' mix: 70 % lists of runs with filters, 20 % histories, 10 % searches of the library.
local models = { "rf", "gbm", "svm", "mlp", "logreg" }
local words = { "scale", "encode", "impute", "columns", "dates", "text", "outliers", "split", "features", "lags",
  "prices", "customers", "images", "sensors", "churn", "fraud", "weather", "orders", "clicks", "tokens" }
local ids = {}
for id in io.lines(os.getenv("MAESTRO_LOAD_IDS")) do ids[#ids + 1] = id end
local base = os.getenv("MAESTRO_LOAD_PATH")
local variety = tonumber(os.getenv("MAESTRO_LOAD_VARIETY"))
wrk.headers["Authorization"] = "token " .. os.getenv("MAESTRO_LOAD_TOKEN")
wrk.headers["Accept-Encoding"] = "gzip"

local failed = 0

function init(args)
  math.randomseed(tonumber(tostring({}):sub(8)) or 1)
end

function request()
  local dice = math.random(100)
  if dice <= 70 then
    local model, least = models[math.random(#models)], math.random(variety) / variety
    return wrk.format("GET", base .. "/runs?limit=50&order_by=metrics.accuracy%20DESC&filter=params.model%20%3D%20'"
      .. model .. "'%20and%20params.lr%20%3E%3D%20" .. string.format("%.4f", least))
  end
  if dice <= 90 then
    local id = ids[math.random(math.min(#ids, variety * 20))]
    return wrk.format("GET", base .. "/runs/" .. id .. "/metrics/loss")
  end
  local word, other = words[math.random(#words)], words[math.random(math.min(#words, variety))]
  return wrk.format("GET", base .. "/artifacts/search?q=" .. word .. "%20" .. other)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('\n@ {"rate": %.1f, "p50": %.3f, "p99": %.3f, "requests": %d, "errors": %d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.requests, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
