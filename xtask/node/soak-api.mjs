// Runs Schemathesis against the Worker as production configures it: keys and tokens are asked for.
//
// Usage: node soak-api.mjs PERSIST ITEMS.json SCHEMATHESIS EXAMPLES
// Prints one JSON object: {"good", "output"}.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { importItems, migrate, openWorker, withDatabase } from "./local.mjs";

const USER = "ada";
const ADMIN_KEY = "a-long-admin-key-for-soaking-1";
const TOKEN_SECRET = "a-long-token-secret-for-soaking-1";

function token() {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: USER, exp: Math.floor(Date.now() / 1000) + 86_400 };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", TOKEN_SECRET).update(signed).digest("base64url")}`;
}

const [persist, file, schemathesis, examples] = process.argv.slice(2);
const items = JSON.parse(await readFile(file, "utf8"));
await withDatabase(persist, async (database) => {
  await migrate(database);
  await importItems(database, items);
});
const vars = { ENVIRONMENT: "production", ADMIN_KEY, TOKEN_SECRET };
const worker = await openWorker(persist, 0, { vars, log: () => {} });
const config = path.join(persist, "schemathesis.toml");
await writeFile(
  config,
  `headers = { Authorization = "Bearer ${token()}", X-Admin-Key = "${ADMIN_KEY}" }
[parameters]
"path.user_id" = "${USER}"
# A body that is too long is refused before it is looked at.
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 429]
# A description cannot say that an event must be of the last 32 days.
[[operations]]
include-name = "POST /api/v1/sync/{user_id}"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 413]
`,
);
const child = spawn(
  schemathesis,
  [
    ...["--config-file", config, "run", new URL("/openapi.json", await worker.ready).href],
    ...["--checks", "all", "--max-examples", examples, "--seed", "1", "--no-color"],
    // After an erasure a person's address answers as before: that nothing is held.
    ...["--exclude-checks", "use_after_free"],
  ],
  // It leaves what it found where it runs.
  { cwd: persist, stdio: ["ignore", "pipe", "pipe"] },
);
let output = "";
for (const stream of [child.stdout, child.stderr]) {
  stream.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
}
const code = await new Promise((resolve) => child.on("close", resolve));
await worker.dispose();
console.log(JSON.stringify({ good: code === 0, output }));
