// The console in a real browser: log-in, search, narrowing, an alert with its events,
// and hostile log content that must stay text.
// SLUICE_URL and SLUICE_TOKEN run what needs no test data against a live console.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { open, start } from "./world.mjs";

let server, browser, page;
const faults = []; // violations of the policy, errors of scripts, requests elsewhere

before(async () => {
  server = await start();
  browser = await open();
  page = await newPage();
});

after(async () => {
  await browser?.close();
  server?.stop();
});

async function newPage() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => console.error(`CSP violation: ${e.violatedDirective} ${e.blockedURI}`));
  });
  const made = await context.newPage();
  made.setDefaultTimeout(15_000);
  made.on("pageerror", (err) => faults.push(`script error: ${err.message}`));
  made.on("console", (m) => {
    if (m.type() === "error" && !/status of 40[0149]/.test(m.text())) faults.push(m.text());
  });
  made.on("dialog", (d) => {
    faults.push(`dialog: ${d.message()}`);
    void d.dismiss();
  });
  made.on("request", (r) => {
    const url = new URL(r.url());
    if (url.origin !== server.base) faults.push(`request to ${url.origin}`);
    if (r.url().includes(server.token)) faults.push("the token is in an address");
    if ((r.headers().referer ?? "").includes("token")) faults.push("the token is in a Referer");
  });
  return made;
}

const rows = () => page.locator("table.events tr.row");
const total = async () => Number((await page.locator(".count strong").first().textContent()).replaceAll(",", ""));

// Waits until the search that an action causes is answered and shown.
async function searched(action, path = "/api/v1/search") {
  const answer = page.waitForResponse((r) => r.url().includes(path));
  await action();
  await (await answer).finished();
  await page.waitForSelector('.results[aria-busy="false"]');
}

const own = (name, run) => test(name, async (t) => (server.live ? t.skip("needs the test data of our own server") : run()));

test("without a session every page leads to the log-in", async () => {
  await page.goto(server.base + "/alerts?status=open");
  await page.waitForSelector("#token");
  assert.equal(new URL(page.url()).pathname, "/login");
  await page.fill("#token", "wrong");
  await page.click("button");
  await page.waitForFunction(() => document.getElementById("fault").textContent.includes("not valid"));
});

test("the link logs in, and the token leaves the address at once", async () => {
  await page.goto(server.base + "/login?next=" + encodeURIComponent("/?from=now-1h"));
  await page.goto(server.base + "/login?next=" + encodeURIComponent("/?from=now-1h") + "#token=" + server.token);
  await page.waitForSelector("table.events, .nothing");
  assert.ok(!page.url().includes("token"), page.url());
  assert.ok(page.url().endsWith("/?from=now-1h"), page.url());
  const cookie = (await page.context().cookies()).find((c) => c.name === `sluice_session_${new URL(server.base).port}`);
  assert.ok(cookie.httpOnly && cookie.sameSite === "Strict", "cookie flags");
  assert.notEqual(cookie.value, server.token);
});

test("next leads to no other site", async () => {
  for (const next of ["//127.0.0.1:1/x", "/\\127.0.0.1:1/x", "http://127.0.0.1:1/", "javascript:alert(1)"]) {
    await page.goto(server.base + "/login?next=" + encodeURIComponent(next));
    await page.waitForURL(server.base + "/");
  }
});

test("a search shows rows, and a row opens to its raw line and all fields", async () => {
  await page.goto(server.base + "/?from=now-1h");
  await page.waitForSelector("table.events");
  assert.ok((await rows().count()) > 0);
  assert.ok((await page.locator("svg .bar").count()) > 10);
  await rows().first().locator("button").press("Enter");
  await page.waitForSelector(".detail .raw");
  assert.ok((await page.locator(".fields tr").count()) > 5);
  assert.ok(await page.locator(".fields th", { hasText: "@timestamp" }).count());
});

own("a namespace is chosen, or named by a link", async () => {
  await page.goto(server.base + "/?from=now-1h");
  await page.waitForSelector("table.events");
  const all = await total();
  await searched(() => page.selectOption('[aria-label="Namespace"]', "default"));
  await page.waitForURL(/ns=default/);
  assert.equal(await total(), all);
  await searched(() => page.selectOption('[aria-label="Namespace"]', "dmz"));
  await page.waitForURL(/ns=dmz/);
  assert.equal(await rows().count(), 0);
  await page.goto(server.base + "/alerts?from=now-1h&ns=of.old");
  await page.waitForSelector('[aria-label="Namespace"]');
  assert.equal(await page.inputValue('[aria-label="Namespace"]'), "of.old");
});

own("words, filters and Back", async () => {
  await page.goto(server.base + "/?from=now-1h");
  await page.waitForSelector("table.events");
  await page.keyboard.press("/");
  await page.keyboard.type("failed password");
  await searched(() => page.keyboard.press("Enter"));
  await page.waitForURL(/q=failed\+password/);
  assert.equal(await total(), 14);
  await rows().first().click();
  await searched(() => page.click('[aria-label="Only source.port 51013"]'));
  assert.equal(await total(), 1);
  assert.equal(await page.inputValue(".query input"), "failed password AND source.port:51013");
  await rows().first().click();
  await searched(() => page.click('[aria-label="Without source.port 51013"]'));
  assert.equal(await total(), 13);
  await searched(() => page.goBack());
  assert.equal(await total(), 1);
});

own("numbers keep their digits, and the page refreshes by itself but not under an open row", async () => {
  await page.goto(server.base + "/?q=sluice.pack:evil&refresh=5");
  await page.waitForSelector("table.events");
  await searched(() => page.waitForTimeout(5500)); // the only wait for a clock: that of the page
  await rows().first().click();
  await page.waitForSelector(".detail .fields");
  assert.match(await page.textContent(".fields"), /9007199254740993/);
  assert.match(await page.textContent(".refresh select"), /paused/);
});

own("a value with line ends and unseen characters is filtered by, and the box keeps it", async () => {
  const strange = "one\ntwo\u202e \u{e0041}\"";
  const match = (url) => url.pathname === "/api/v1/search";
  await page.route(match, (route) => route.fulfill({ json: { took_ms: 1, timed_out: false, from: "", to: "", total: 1, hits: [{ _id: "x", _index: "logs", source: { "@timestamp": "2026-03-01T12:00:00Z", user: { name: strange } } }] } }));
  await page.goto(server.base + "/");
  await rows().first().click();
  await searched(() => page.click('[aria-label^="Only user.name"]'));
  const want = 'user.name:"one\\u000atwo\\u202e \\udb40\\udc41\\""';
  assert.equal(await page.inputValue(".query input"), want);
  await page.fill(".query input", want + " AND x");
  await searched(() => page.keyboard.press("Enter"));
  assert.equal(new URL(page.url()).searchParams.get("q"), want + " AND x");
  await page.unroute(match);
  await page.goto(server.base + "/?q=sluice.pack:evil&from=now-1h");
  await rows().nth(10).click(); // a direction character, and a terminal's escape sequence
  await searched(() => page.click('[aria-label^="Only user.name"]'));
  assert.match(await page.inputValue(".query input"), /user\.name:"\\u202egnp/);
  assert.equal(await total(), 1);
});

own("lines that are pasted stay apart", async () => {
  await page.goto(server.base + "/?q=a");
  await page.focus(".query input");
  await page.keyboard.press("End");
  const paste = (text) =>
    page.$eval(
      ".query input",
      (box, text) => {
        const data = new DataTransfer();
        data.setData("text/plain", text);
        box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, cancelable: true, bubbles: true }));
      },
      text,
    );
  await paste("\n b \r\nc\n");
  assert.equal(await page.inputValue(".query input"), "ab c");
  await searched(() => page.keyboard.press("Enter"));
  assert.equal(new URL(page.url()).searchParams.get("q"), "ab c");
});

own("a filter on a query with OR is taken back by its opposite", async () => {
  const q = 'sluice.pack:openssh AND (failed OR "a OR b")';
  const match = (url) => url.pathname === "/api/v1/search";
  await page.route(match, (route) => route.fulfill({ json: { took_ms: 1, timed_out: false, from: "", to: "", total: 1, hits: [{ _id: "x", _index: "logs", source: { "@timestamp": "2026-03-01T12:00:00Z", user: { name: "root" } } }] } }));
  const box = async (start, ...filters) => {
    await page.goto(server.base + "/?q=" + encodeURIComponent(start));
    for (const filter of filters) {
      await rows().first().click();
      await searched(() => page.click(`[aria-label="${filter} user.name root"]`));
    }
    return page.inputValue(".query input");
  };
  assert.equal(await box(q, "Only"), q + ' AND user.name:"root"');
  assert.equal(await box(q, "Only", "Without"), q + ' AND NOT user.name:"root"');
  assert.equal(await box("a OR b", "Only", "Without"), '(a OR b) AND NOT user.name:"root"');
  await page.unroute(match);
});

own("a wrong query says where", async () => {
  await page.goto(server.base + "/?q=" + encodeURIComponent("user.name:root AND"));
  await page.waitForSelector(".wrong code mark");
  assert.match(await page.textContent(".wrong"), /ends too early/);
});

own("further pages", async () => {
  await page.goto(server.base + "/?from=now-1h");
  await page.waitForSelector(".more");
  assert.equal(await rows().count(), 50);
  await searched(() => page.click(".more button"));
  await page.waitForFunction(() => document.querySelectorAll("tr.row").length === 100);
  const ids = await page.$$eval("tr.row .c-time", (cells) => cells.map((c) => c.textContent));
  assert.deepEqual(ids, [...ids].sort().reverse(), "newest first over both pages");
});

test("an answer that is not all says so", async () => {
  const cut = { timed_out: true, unread_parts: 2 };
  for (const [path, at] of [["/api/v1/search", "/?from=now-1h"], ["/api/v1/alerts", "/alerts"]]) {
    const match = (url) => url.pathname === path;
    await page.route(match, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), ...cut } });
    });
    await page.goto(server.base + at);
    await page.waitForSelector(".count .tag");
    assert.match(await page.textContent(".count"), /ran out of time.*2 parts of the index are damaged/, path);
    await page.unroute(match);
  }
});

test("the histogram narrows the range by mouse and by keys", async () => {
  await page.goto(server.base + "/?from=now-1h");
  await page.waitForSelector("table.events");
  const before = await total();
  const box = await page.locator(".histogram svg").boundingBox();
  await searched(async () => {
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 40, { steps: 4 });
    await page.mouse.up();
  });
  assert.match(page.url(), /from=2\d{3}-.*&to=2\d{3}-/);
  assert.ok((await total()) < before);
  await page.focus(".histogram svg");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  await searched(() => page.keyboard.press("Enter"));
  assert.ok((await total()) < before);
});

own("a bar leads to the events that it counts, the first one too", async () => {
  await page.goto(server.base + "/?from=now-1h");
  await page.waitForSelector("table.events");
  const svg = page.locator(".histogram svg");
  const box = await svg.boundingBox();
  const bars = await page.locator(".histogram .bar").count();
  for (const x of [box.x + 2, box.x + box.width - 2, box.x + (2.5 * box.width) / bars]) {
    await page.goto(server.base + "/?from=now-1h");
    await page.waitForSelector("table.events");
    await page.mouse.move(x, box.y + 40);
    await page.waitForSelector(".reading strong");
    const counted = Number(await page.textContent(".reading strong"));
    await searched(() => page.mouse.down().then(() => page.mouse.up()));
    assert.equal(await total(), counted);
    assert.match(page.url(), /from=2\d{3}-.*&to=2\d{3}-/);
  }
});

test("the time range is picked", async () => {
  await page.goto(server.base + "/");
  await page.waitForSelector("table.events, .nothing");
  await page.click(".bar-top .opens > button");
  await searched(() => page.click("text=Last 4 hours"));
  assert.match(page.url(), /from=now-4h/);
  await page.goto(server.base + "/?from=now-6h"); // none of the choices
  await page.waitForSelector('.bar-top button:has-text("Last 6 hours")');
  await page.click(".bar-top .opens > button");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".popover", { state: "detached" });
});

test("a range that is shown is applied as it is, in the hour that comes twice as well", async () => {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setTimezoneOverride", { timezoneId: "Europe/Berlin" });
  // 02:30:00.250 in summer time to 02:05 in winter time.
  const [from, to] = ["2026-10-25T00:30:00.250Z", "2026-10-25T01:05:00.750Z"];
  await searched(() => page.goto(`${server.base}/?from=${from}&to=${to}`));
  await page.click(".bar-top .opens > button");
  const inputs = page.locator('.range input[type="datetime-local"]');
  assert.match(await inputs.nth(0).inputValue(), /^2026-10-25T02:30/);
  await inputs.nth(1).fill("2026-10-25T03:00:00");
  await searched(() => page.click('.range button:has-text("Apply")'));
  const range = () => Object.fromEntries(new URL(page.url()).searchParams);
  assert.deepEqual(range(), { from, to: "2026-10-25T02:00:00.000Z" });
  await searched(() => page.goto(`${server.base}/?from=${from}&to=${to}&q=x`));
  await page.click(".bar-top .opens > button");
  await page.click('.range button:has-text("Apply")');
  await page.waitForSelector(".range", { state: "detached" });
  assert.deepEqual(range(), { q: "x", from, to });
  assert.equal(await page.innerText(".bar-top .opens > button"), "2026-10-25 02:30:00 +02:00 – 2026-10-25 02:05:00 +01:00");
  // What is typed takes both hours, and the list tells which is which.
  await searched(() => page.goto(`${server.base}/?from=2026-10-24T22:00:00Z&to=2026-10-25T22:00:00Z`));
  await page.click(".bar-top .opens > button");
  await inputs.nth(0).fill("2026-10-25T02:30:00");
  await inputs.nth(1).fill("2026-10-25T02:45:00");
  await searched(() => page.click('.range button:has-text("Apply")'));
  assert.deepEqual(range(), { from: "2026-10-25T00:30:00.000Z", to: "2026-10-25T01:45:00.000Z" });
  const match = (url) => url.pathname === "/api/v1/search";
  const times = ["2026-10-24T23:59:59.999Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z", "2026-03-29T01:00:00Z"];
  const hits = times.map((at, i) => ({ _id: `t${i}`, _index: "logs-sluice.x-default", source: { "@timestamp": at, message: "x" } }));
  await page.route(match, (route) => route.fulfill({ json: { took_ms: 1, timed_out: false, from: "", to: "", total: hits.length, hits } }));
  await page.goto(`${server.base}/?q=twice`);
  await page.waitForFunction((want) => document.querySelectorAll("tr.row").length === want, hits.length);
  const shown = await page.$$eval("tr.row td.c-time", (cells) => cells.map((c) => c.textContent));
  assert.deepEqual(shown, ["2026-10-25 01:59:59.999", "2026-10-25 02:30:00.000 +02:00", "2026-10-25 02:30:00.000 +01:00", "2026-10-25 03:00:00.000", "2026-03-29 03:00:00.000"]);
  assert.deepEqual(await page.$$eval("tr.row td.c-time", (cells) => cells.map((c) => c.scrollWidth > c.clientWidth)), times.map(() => false));
  await page.unroute(match);
  await session.send("Emulation.setTimezoneOverride", { timezoneId: "" });
  await session.detach();
});

test("an alert opens with the events behind it", async () => {
  await page.goto(server.base + "/");
  await page.click("nav >> text=Alerts");
  await page.waitForSelector("table.alerts tr.row");
  if (!server.live) {
    await searched(() => page.click('.chip:has-text("High")'), "/api/v1/alerts");
    assert.equal(await total(), 1);
  }
  await searched(() => page.locator("table.alerts tr.row a").first().click(), "/api/v1/alerts/");
  await page.waitForSelector("table.events tr.row");
  if (!server.live) assert.equal(await rows().count(), 14);
  await rows().first().click();
  await page.waitForSelector(".detail .raw");
  await page.reload();
  await page.waitForSelector(".alert h1");
});

test("an alert is triaged, and what people wrote stays", async () => {
  await page.goto(server.base + "/alerts?status=open");
  await page.waitForSelector("table.alerts tr.row");
  await page.locator("table.alerts tr.row a").first().click();
  await page.fill(".triage input", "anna");
  await page.fill(".triage textarea", "<b>ours</b>, see ticket 7");
  await page.click('.triage button:has-text("Acknowledged")');
  await page.waitForSelector('.history li:has-text("status acknowledged, assigned to anna")');
  assert.equal(await page.inputValue(".triage textarea"), "");
  await page.reload();
  await page.waitForSelector('.triage button[aria-pressed="true"]:has-text("Acknowledged")');
  assert.equal(await page.inputValue(".triage input"), "anna");
  assert.ok((await page.textContent(".history")).includes("<b>ours</b>, see ticket 7"));
  const id = decodeURIComponent(new URL(page.url()).pathname.split("/").pop());
  await page.goto(server.base + "/alerts?status=acknowledged");
  await page.waitForSelector(`table.alerts a[href*="${encodeURIComponent(id)}"]`);
});

own("rules are found, sorted and asked why", async () => {
  await page.goto(server.base + "/");
  await page.click("nav >> text=Rules");
  await page.waitForSelector("table.rules");
  const titles = () => page.$$eval("table.rules tr.row a", (links) => links.map((a) => a.textContent));
  assert.equal((await titles())[0], "SSH password guessing");
  await page.click('th button:has-text("Rule")');
  assert.deepEqual((await titles()).slice(-2), ["Port scan over flow records", "SSH password guessing"]);
  await page.fill('[aria-label="Find a rule"]', "ssh t1110");
  assert.deepEqual(await titles(), ["SSH password guessing"]);
  assert.match(await page.textContent("table.rules"), /1,014.*2.*1.*2\.50/);
  assert.match(page.url(), /q=ssh\+t1110/);
  await page.fill('[aria-label="Find a rule"]', "");
  await page.selectOption('[aria-label="Which rules"]', "cannot");
  assert.equal((await titles()).length, 2);
  await page.click("text=1 rule is left out");
  assert.match(await page.textContent(".left"), /my\.yml:3:7.*no field is named SSH/);
  await page.goto(server.base + "/?q=failed&from=now-1h");
  await page.waitForSelector("table.events");
  await rows().first().click();
  await page.click("text=Ask a rule about it");
  await page.waitForSelector(".asking");
  await page.click("table.rules >> text=SSH password guessing");
  await page.waitForSelector(".trace");
  const why = await page.textContent(".why");
  assert.match(why, /does not match/);
  assert.match(why, /why not: 9 of 10 matches/);
  assert.equal(await page.locator(".trace .missed").count(), 2, "the condition and the part that fails");
  assert.match(page.url(), /\/rules\/rule-0\?event=/);
  await page.fill(".why input", "another");
  await page.keyboard.press("Enter");
  await page.waitForURL(/event=another/);
  await page.reload();
  await page.waitForSelector(".trace");
  await page.goto(server.base + "/rules/none");
  await page.waitForSelector("text=No such rule runs");
});

own("rules are read again, and faults are shown", async () => {
  await page.goto(server.base + "/rules");
  await page.waitForSelector("table.rules");
  const answer = page.waitForResponse((r) => r.url().endsWith("/rules/reload"));
  await page.click('button:has-text("Read again")');
  assert.equal((await answer).status(), 200);
  const match = (url) => url.pathname === "/api/v1/rules";
  await page.route(match, async (route) => {
    const answer = await route.fetch();
    const json = await answer.json();
    json.load = { ...json.load, error: "my.yml:3:7: field user.nmae is not known; did you mean user.name?", tried: json.load.at };
    await route.fulfill({ response: answer, json });
  });
  await page.reload();
  await page.waitForSelector('.fault:has-text("my.yml:3:7")');
  await page.unroute(match);
});

own("the matrix shows what rules detect with the sources that are heard", async () => {
  await page.goto(server.base + "/");
  await page.click("nav >> text=ATT&CK");
  await page.waitForSelector(".matrix li");
  assert.match(await page.textContent(".bar-top p"), /^2 of 4 techniques .* the 1 kind of source/);
  const cells = () => page.$$eval(".matrix li", (all) => all.map((c) => `${c.className}: ${c.textContent}`));
  const some = await cells();
  assert.equal(some.length, 3);
  assert.match(some[0], /^many: Brute ForceT1110 · \d+ rules · 2 idle/);
  assert.match(some[1], /^some: Network SniffingT1040 · 1 rule$/, "under the tactic that its rule names, not under its other one");
  assert.match(some[2], /^idle: Network Service DiscoveryT1046 · 1 idle/);
  await page.click('button:has-text("All techniques")');
  assert.equal((await cells()).filter((c) => c.startsWith("none: System Information")).length, 1);
  await page.click("text=Network Service Discovery");
  await page.waitForSelector("table.rules");
  assert.match(await page.textContent("table.rules"), /Port scan over flow records.*no source/);
});

own("rules of a technique are waited for: none were found only when that is known", async () => {
  let go;
  const held = new Promise((resolve) => (go = resolve));
  const match = (url) => url.pathname === "/api/v1/rules/coverage";
  await page.route(match, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(server.base + "/rules?q=t1046");
  await page.waitForSelector('.results[aria-busy="false"]'); // the rules are there, what they are about is not
  assert.equal(await page.locator(".nothing").count(), 0);
  go();
  await page.waitForSelector('tr.row:has-text("Port scan over flow records")');
  await page.unroute(match);
});

own("sources show what became of what each has sent", async () => {
  await page.goto(server.base + "/");
  await page.click("nav >> text=Sources");
  await page.waitForSelector("table.sources");
  assert.match(await page.textContent('[aria-label="The account"]'), /Nothing is missing.*received426.*difference0/);
  await page.fill('[aria-label="Find a source"]', "10.1.9");
  const names = () => page.$$eval("table.sources td.c-title", (cells) => cells.map((c) => c.textContent));
  assert.deepEqual(await names(), ["office:10.1.9.2", "office:10.1.9.3"]);
  await page.click('th button:has-text("Last heard")');
  assert.deepEqual(await names(), ["office:10.1.9.3", "office:10.1.9.2"], "who has been silent for longest first");
  assert.match(await page.textContent("table.sources"), /too_long 1/);
  const match = (url) => url.pathname === "/api/v1/account";
  await page.route(match, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), difference: -1200 } });
  });
  await page.reload();
  await page.waitForSelector('h2:has-text("1,200 events more came out than went in")');
  await page.unroute(match);
});

own("an alert leads to its rule, and the rule to its alerts", async () => {
  await page.goto(server.base + "/alerts?severity=high");
  await page.locator("table.alerts tr.row a").first().click();
  await page.waitForSelector("text=Why it fired");
  const rule = new URL(await page.locator("text=Why it fired").getAttribute("href"), server.base);
  assert.ok(rule.pathname.startsWith("/rules/") && rule.searchParams.get("event"), rule.href);
  await searched(() => page.goto(server.base + "/alerts?rule=" + rule.pathname.slice("/rules/".length)), "/api/v1/alerts");
  await page.waitForSelector("table.alerts tr.row");
  const some = await total();
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Rule"] option').length > 2);
  await searched(() => page.selectOption('[aria-label="Rule"]', ""), "/api/v1/alerts");
  assert.ok((await total()) > some);
  await page.waitForSelector('[aria-label="Rule"] option[value="SSH password guessing"]', { state: "attached" });
  await searched(() => page.selectOption('[aria-label="Rule"]', "SSH password guessing"), "/api/v1/alerts?");
  assert.equal(await total(), 1);
  assert.match(page.url(), /rule=SSH\+password\+guessing/);
});

own("a rule on trial leads to its alerts too, and these say that nobody was told", async () => {
  const rules = (url) => url.pathname === "/api/v1/rules";
  await page.route(rules, async (route) => {
    const answer = await route.fetch();
    const json = await answer.json();
    json.rules[0].shadow = true;
    await route.fulfill({ response: answer, json });
  });
  const alerts = (url) => url.pathname === "/api/v1/alerts";
  await page.route(alerts, async (route) => {
    const answer = await route.fetch();
    const json = await answer.json();
    if (new URL(route.request().url()).searchParams.get("shadow") === "show") {
      const sluice = { alert: { id: "trial", severity: "low", shadow: true } };
      json.hits = [{ _id: "trial", _index: "sluice-alerts-default", source: { "@timestamp": json.from, message: "Tried", sluice } }];
    }
    await route.fulfill({ response: answer, json });
  });
  await page.goto(server.base + "/rules/rule-0");
  await page.click("text=Its alerts");
  await page.waitForSelector('tr.row:has-text("Tried") .tag:has-text("on trial")');
  assert.match(page.url(), /rule=rule-0&shadow=show/);
  await page.reload();
  await page.waitForSelector('tr.row:has-text("Tried")');
  await page.selectOption('[aria-label="Rule"]', "");
  await page.waitForSelector('tr.row:has-text("failed log-ins")');
  assert.ok(!page.url().includes("shadow"), page.url());
  await page.unroute(rules);
  await page.unroute(alerts);
});

own("rules that other processes ask have no numbers here", async () => {
  const match = (url) => url.pathname === "/api/v1/rules";
  await page.route(match, async (route) => {
    const answer = await route.fetch();
    const { since, ...json } = await answer.json();
    await route.fulfill({ response: answer, json });
  });
  await page.goto(server.base + "/rules");
  await page.waitForSelector("table.rules");
  assert.match(await page.textContent(".count"), /asked by other processes/);
  assert.deepEqual(await page.$$eval("table.rules tr.row >> nth=0 >> td.c-number", (cells) => cells.map((c) => c.textContent)), ["–", "–", "–", "–"]);
  await page.unroute(match);
});

own("what counts as heard goes by the server's clock", async () => {
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const other = await context.newPage();
  await other.clock.setFixedTime(Date.now() + 30 * 86_400_000);
  const asked = other.waitForResponse((r) => r.url().includes("/rules/coverage"));
  await other.goto(server.base + "/attack");
  const { since } = await (await asked).json();
  const days = (Date.now() - new Date(since).getTime()) / 86_400_000;
  assert.ok(days > 6.9 && days < 7.1, `${since} is ${days} days ago`);
  await context.close();
});

own("a severity in the address that is none is said, and left by choosing one", async () => {
  await page.goto(server.base + "/alerts?severity=awful");
  await page.waitForSelector('.fault:has-text("unknown severity")');
  await page.click('.chip:has-text("High")');
  await page.waitForSelector("table.alerts tr.row");
  assert.match(page.url(), /severity=high/);
});

own("on a phone an alert's text has room", async () => {
  await page.setViewportSize({ width: 380, height: 800 });
  await page.goto(server.base + "/alerts?severity=high");
  const cell = await page.locator("table.alerts td.c-title").first().boundingBox();
  assert.ok(cell && cell.width > 150 && cell.x + cell.width <= 380, `the title is ${JSON.stringify(cell)}`);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("on a phone no page is wider than the screen, and an opened event neither", async () => {
  await page.setViewportSize({ width: 360, height: 800 });
  for (const at of ["/?from=now-1h", "/alerts", "/rules", "/attack", "/sources"]) {
    await page.goto(server.base + at);
    await page.waitForSelector("tr.row, .matrix li");
    if (at.startsWith("/?")) {
      await rows().first().locator("button").click();
      await page.waitForSelector(".detail .raw");
    }
    const right = await page.$$eval("header.top *, .bar-top *, .detail *", (all) => Math.max(...all.filter((e) => !e.closest(".skip, .unseen, .where")).map((e) => e.getBoundingClientRect().right)));
    assert.ok(right <= 360, `${at}: something ends at ${right}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("times stand under the bars in every zone", async () => {
  const session = await page.context().newCDPSession(page);
  for (const zone of ["Asia/Kolkata", "Europe/Berlin", "America/New_York"]) {
    await session.send("Emulation.setTimezoneOverride", { timezoneId: zone });
    for (const from of ["now-2d", "now-7d", "now-30d"]) {
      await searched(() => page.goto(server.base + "/?from=" + from));
      await page.waitForSelector(".histogram .bar", { state: "attached" });
      const names = await page.$$eval(".histogram text", (all) => all.map((t) => t.textContent));
      assert.ok(names.length > 3, `${from} in ${zone} has ${names}`);
      if (from === "now-2d") assert.ok(names.every((n) => n.endsWith(":00")), `${from} in ${zone} has ${names}`);
    }
  }
  await session.send("Emulation.setTimezoneOverride", { timezoneId: "" });
  await session.detach();
});

own("Back and reload come to where one was: as many rows, the open one, as far down", async () => {
  await page.goto(server.base + "/?from=now-1h");
  await page.waitForSelector(".more");
  await searched(() => page.click(".more button"));
  await page.waitForFunction(() => document.querySelectorAll("tr.row").length === 100);
  await rows().nth(70).click();
  await page.waitForSelector(".detail");
  const place = () => page.evaluate(() => ({ rows: document.querySelectorAll("tr.row").length, open: document.querySelector(".detail .where a, .detail .where")?.textContent, y: Math.round(scrollY) }));
  const before = await place();
  assert.ok(before.y > 500, JSON.stringify(before));
  const same = async () => {
    await page.waitForSelector(".detail");
    await page.waitForFunction((y) => Math.round(scrollY) === y, before.y);
    assert.deepEqual(await place(), before);
  };
  await page.click("text=Ask a rule about it");
  await page.waitForSelector("table.rules");
  assert.equal(await page.evaluate(() => scrollY), 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), "main", "keys go on in the new page");
  await page.goBack();
  await same();
  await page.reload();
  await same();
  await page.click('.ways button:has-text("Columns")');
  await page.click('[aria-label="Without the column Host"]');
  await page.reload();
  await page.waitForSelector(".detail");
  assert.deepEqual(await page.evaluate(() => document.querySelectorAll("tr.row").length), 100, "with other columns as well");
  await page.evaluate(() => localStorage.removeItem("columns"));
});

own("an opened event leads to itself, and to what was around it", async () => {
  await page.goto(server.base + "/?from=now-1h&q=failed");
  await page.waitForSelector("table.events");
  await rows().first().click();
  await page.waitForSelector(".detail .where a");
  await searched(() => page.click(".detail .where a"));
  assert.equal(await total(), 1);
  await rows().first().click();
  await searched(() => page.click("text=5 minutes around it"));
  assert.ok((await total()) > 1);
  assert.match(page.url(), /from=2\d{3}-.*&to=2\d{3}-/);
});

own("what is not the answer to the question is not shown as one", async () => {
  await page.goto(server.base + "/?from=now-1h");
  await page.waitForSelector("table.events");
  let go;
  const held = new Promise((resolve) => (go = resolve));
  const match = (url) => url.pathname === "/api/v1/search";
  await page.route(match, async (route) => {
    await held;
    await route.continue();
  });
  await page.fill(".query input", "failed password");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".results[data-stale]");
  go();
  await page.waitForSelector(".results:not([data-stale])");
  assert.equal(await total(), 14);
  assert.match(await page.title(), /^failed password · Events/);
  await page.unroute(match);
  await page.route(match, (route) => route.fulfill({ status: 400, json: { error: "refused here" } }));
  await page.fill(".query input", "another");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".fault:has-text('refused here')");
  assert.equal(await rows().count(), 0, "no rows of the query before");
  await page.unroute(match);
});

own("all alerts are those one came from, and their tabs have names", async () => {
  await page.goto(server.base + "/alerts?severity=high&from=now-2d");
  await page.locator("table.alerts tr.row a").first().click();
  await page.waitForSelector(".triage");
  assert.match(await page.title(), /failed log-ins.*Alert/);
  await page.click("text=← All alerts");
  await page.waitForURL(/alerts\?severity=high&from=now-2d/);
});

own("what others do with an alert is seen, and what is being written is not lost", async () => {
  await page.goto(server.base + "/alerts?severity=high");
  await page.locator("table.alerts tr.row a").first().click();
  await page.waitForSelector(".triage");
  const id = new URL(page.url()).pathname.split("/").pop();
  const other = (data) => page.request.post(`${server.base}/api/v1/alerts/${id}/triage`, { data, headers: { Origin: server.base } });
  const look = () => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  assert.equal((await other({ assignee: "berta" })).status(), 200);
  await look();
  await page.waitForFunction(() => document.querySelector(".triage input").value === "berta");
  await page.fill(".triage textarea", "found over ten minutes");
  assert.equal((await other({ assignee: "carla" })).status(), 200);
  await look();
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await page.click('.triage button:has-text("Save")');
  await page.waitForSelector(".triage .fault:has-text('logged out')");
  assert.equal(await page.inputValue(".triage textarea"), "found over ten minutes");
  await page.context().addCookies(cookies);
  await page.click('.triage button:has-text("Save")');
  await page.waitForSelector('.history li:has-text("found over ten minutes")');
  assert.equal(await page.inputValue(".triage input"), "carla", "and takes nothing back that another did");
});

own("a page that does not show yet what another analyst did takes nothing of it back", async () => {
  await page.goto(server.base + "/alerts?severity=high");
  await page.locator("table.alerts tr.row a").first().click();
  await page.waitForSelector(".triage");
  const id = new URL(page.url()).pathname.split("/").pop();
  const other = (data) => page.request.post(`${server.base}/api/v1/alerts/${id}/triage`, { data, headers: { Origin: server.base } });
  assert.equal((await other({ status: "closed", comment: "a test of ours" })).status(), 200);
  await page.click('.triage button:has-text("Acknowledged")');
  await page.waitForSelector(".triage .fault:has-text('closed by now')");
  await page.waitForSelector('.triage button[aria-pressed="true"]:has-text("Closed")');
  await page.click('.triage button:has-text("Open")');
  await page.waitForSelector('.triage button[aria-pressed="true"]:has-text("Open")');
  assert.equal(await page.locator(".triage .fault").count(), 0);
});

own("the list of alerts shows what colleagues did when its tab is looked at again, but not under ticks", async () => {
  await page.goto(server.base + "/alerts?severity=high,medium&status=open,acknowledged");
  await page.waitForSelector("table.alerts tr.row");
  const id = (await page.locator('table.alerts a:has-text("failed log-ins")').getAttribute("href")).split("/").pop();
  const other = (data) => page.request.post(`${server.base}/api/v1/alerts/${id}/triage`, { data, headers: { Origin: server.base } });
  const look = () => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  assert.equal((await other({ status: "closed" })).status(), 200);
  await page.check('[aria-label="Choose all shown"]');
  await look();
  assert.equal(await page.getAttribute(".results", "aria-busy"), "false", "ticked rows stay");
  await page.click(".picked >> text=None");
  await searched(look, "/api/v1/alerts?");
  assert.equal(await total(), 1);
  assert.equal((await other({ status: "open" })).status(), 200);
});

own("several alerts are triaged at once, but not over what a colleague did since", async () => {
  await page.goto(server.base + "/alerts?severity=high,medium&status=open,acknowledged");
  await page.waitForSelector("table.alerts tr.row");
  assert.equal(await total(), 2);
  await page.check('[aria-label="Choose all shown"]');
  const link = await page.locator('table.alerts a:has-text("failed log-ins")').getAttribute("href");
  const id = link.split("/").pop();
  const other = (data) => page.request.post(`${server.base}/api/v1/alerts/${id}/triage`, { data, headers: { Origin: server.base } });
  assert.equal((await other({ status: "closed" })).status(), 200);
  await searched(() => page.click('.picked button:has-text("Acknowledged")'), "/api/v1/alerts?");
  await page.waitForSelector('.picked .fault:has-text("1 of 2 were not changed: it is closed by now: token did that at")');
  assert.match(await page.textContent(".picked"), /^1 chosen/);
  assert.equal(await total(), 1, "the list shows what is so by now");
  await page.click('.picked button:has-text("Acknowledged")');
  await page.waitForSelector('.picked .fault:has-text("it is closed by now")');
  assert.equal((await other({ status: "open" })).status(), 200);
});

own("several alerts are triaged at once", async () => {
  await page.goto(server.base + "/alerts");
  await page.waitForSelector("table.alerts tr.row");
  const n = await total();
  assert.ok(n > 2, `${n} alerts`);
  await page.check('[aria-label="Choose all shown"]');
  await page.locator('table.alerts td.c-pick input[aria-label*="failed log-ins"]').first().uncheck();
  assert.match(await page.textContent(".picked"), new RegExp(`^${n - 1} chosen`));
  // One of them is refused: it stays chosen, and the page says so.
  let calls = 0;
  const match = (url) => url.pathname === "/api/v1/alerts/triage";
  await page.route(match, async (route) => {
    calls++;
    const { ids, seen, ...change } = route.request().postDataJSON();
    delete seen[ids[0]];
    const answer = await route.fetch({ postData: JSON.stringify({ ids: ids.slice(1), seen, ...change }) });
    const json = await answer.json();
    json.results.unshift({ id: ids[0], error: "not this one" });
    await route.fulfill({ response: answer, json });
  });
  await page.fill(".picked .triage input", "dora");
  await page.fill(".picked textarea", "our own scanner");
  await searched(() => page.click('.picked button:has-text("Closed")'), "/api/v1/alerts?");
  await page.waitForSelector(`.picked .fault:has-text("1 of ${n - 1} were not changed: not this one")`);
  assert.match(await page.textContent(".picked"), /^1 chosen/);
  assert.equal(calls, 1, "all of them in one call");
  await page.unroute(match);
  await searched(() => page.click('.picked button:has-text("Closed")'), "/api/v1/alerts?");
  await page.waitForSelector(".picked", { state: "detached" });
  assert.equal(await page.locator('table.alerts .c-status:has-text("closeddora")').count(), n - 1);
  await searched(() => page.selectOption('[aria-label="Status"]', "open,acknowledged"), "/api/v1/alerts");
  assert.equal(await total(), 1);
});

test("a record without words is told by its fields, and by its line where no field tells it", async () => {
  const match = (url) => url.pathname === "/api/v1/search";
  const event = (n, source) => ({ _id: `r${n}`, _index: "logs-sluice.suricata_eve-default", source: { "@timestamp": "2026-03-01T12:00:00Z", ...source } });
  const hits = [
    event(1, { event: { original: '{"event_type":"dns"}' }, dns: { question: { name: "www.example.com", type: "A" }, response_code: "NOERROR", resolved_ip: ["192.0.2.1"] }, network: { protocol: "dns" } }),
    event(2, { message: ' [{"a":1}]', event: { original: ' [{"a":1}]' }, http: { request: { method: "GET" }, response: { status_code: 404 } }, url: { path: "/admin" }, user: { name: "anna" } }),
    event(3, { event: { original: '{"event_type":"flow"}' }, network: { transport: "tcp", bytes: 1234567 } }),
    event(4, { message: "[error] it is words", user: { name: "anna" } }),
    event(5, { event: { original: '{"event_type":"stats"}' } }),
    event(6, { message: "<err> disk full", process: { name: "kernel" } }),
    event(7, { message: "{eth0} link down", process: { name: "kernel" } }),
    event(8, { message: "<Event><Data>x</Data></Event>\n", process: { name: "kernel" } }),
    event(9, { message: '[ { "cut": "o', process: { name: "kernel" } }),
  ];
  await page.route(match, (route) => route.fulfill({ json: { took_ms: 1, timed_out: false, from: "", to: "", total: hits.length, hits } }));
  await page.goto(server.base + "/");
  await page.waitForFunction((want) => document.querySelectorAll("tr.row").length === want, hits.length);
  const told = await page.$$eval("tr.row td.c-message", (cells) => cells.map((c) => c.textContent));
  assert.deepEqual(told, ["A www.example.com → 192.0.2.1 · dns", "GET /admin 404 · anna", "tcp 1,234,567 bytes", "[error] it is words", '{"event_type":"stats"}', "<err> disk full", "{eth0} link down", "kernel", "kernel"]);
  await page.unroute(match);
});

test("what a page cannot show leaves the rest usable", async () => {
  // A page of its own: the error in its console is wanted.
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const other = await context.newPage();
  const match = (url) => url.pathname === "/api/v1/search";
  await other.route(match, (route) => route.fulfill({ json: { took_ms: 1, timed_out: false, from: "", to: "", total: 1, hits: [{ _id: "x", _index: "logs", source: null }] } }));
  await other.goto(server.base + "/");
  await other.waitForSelector("text=This cannot be shown");
  assert.match(await other.textContent("[role=alert]"), /The page failed: TypeError/);
  await other.click('nav a:has-text("Alerts")');
  await other.waitForSelector("table.alerts, .nothing");
  assert.equal(await other.locator("text=This cannot be shown").count(), 0);
  await other.goBack();
  await other.waitForSelector("text=This cannot be shown");
  await other.unroute(match);
  await other.click("text=Try again");
  await other.waitForSelector("table.events, .nothing");
  assert.equal(await other.locator("text=This cannot be shown").count(), 0);
  await context.close();
});

test("what failed is asked again where the page has nothing else", async () => {
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const other = await context.newPage();
  for (const [path, api, shown] of [
    ["/attack", "/api/v1/rules/attack", ".matrix"],
    ["/rules", "/api/v1/rules", "table.rules"],
    ["/rules/rule-0", "/api/v1/rules", ".why"],
    ["/rules/rule-0?event=e1", "/api/v1/rules/why", ".trace"],
  ]) {
    const match = (url) => url.pathname === api;
    await other.route(match, (route) => route.fulfill({ status: 503, json: { error: "The store is being opened." } }));
    await other.goto(server.base + path);
    await other.waitForSelector("text=The store is being opened.");
    await other.unroute(match);
    await other.click("text=Try again");
    await other.waitForSelector(shown);
    assert.equal(await other.locator(".fault").count(), 0);
  }
  await context.close();
});

test("a raw line is copied where the browser gives pages no clipboard", async () => {
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const other = await context.newPage();
  await other.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined }); // as beyond loopback without TLS
    addEventListener("copy", () => (window.copied = document.activeElement.value));
  });
  await other.goto(server.base + "/");
  await other.locator("table.events tr.row").first().click();
  const raw = await other.textContent(".event .raw");
  await other.click('.event button:has-text("Copy")');
  await other.waitForSelector('.event button:has-text("Copied")');
  assert.equal(await other.evaluate(() => window.copied), raw);
  assert.equal(await other.evaluate(() => document.activeElement.textContent), "Copied");
  await context.close();
});

test("a page that comes late is not added to another search", async () => {
  const match = (url) => url.pathname === "/api/v1/search";
  const hit = (name, n) => ({ _id: `${name}${n}`, _index: "logs", source: { "@timestamp": "2026-03-01T12:00:00Z", message: `${name} ${n}` } });
  let release, late;
  const asked = new Promise((resolve) => (late = resolve));
  await page.route(match, async (route) => {
    const params = new URL(route.request().url()).searchParams;
    const name = params.get("q") || "first";
    if (params.has("after")) {
      await new Promise((resolve) => ((release = resolve), late()));
    }
    const hits = [hit(name, params.has("after") ? 2 : 1)];
    await route.fulfill({ json: { took_ms: 1, timed_out: false, from: "", to: "", total: 2, hits, next: "1" } }).catch(() => {}); // the page has given it up
  });
  await page.goto(server.base + "/");
  await page.waitForSelector("text=first 1");
  await page.click(".more button");
  await asked;
  await page.fill('input[type="search"], .query input', "second");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=second 1");
  release();
  await page.waitForTimeout(300);
  assert.deepEqual(await page.$$eval("tr.row td.c-message", (cells) => cells.map((c) => c.textContent)), ["second 1"]);
  await page.unroute(match);
});

test("a rule is asked again about the same event", async () => {
  const asked = () => page.waitForResponse((r) => new URL(r.url()).pathname === "/api/v1/rules/why");
  await Promise.all([asked(), page.goto(server.base + "/rules/rule-0?event=e1")]);
  await page.waitForSelector(".trace");
  await Promise.all([asked(), page.click('.why button:has-text("Ask")')]);
  await page.waitForSelector(".trace");
});

test("behind the last page there is none, be it empty", async () => {
  const match = (url) => url.pathname === "/api/v1/search";
  const hits = [{ _id: "only", _index: "logs-sluice.x-default", source: { "@timestamp": "2026-03-01T12:00:00Z", message: "x" } }];
  await page.route(match, (route) => {
    const next = new URL(route.request().url()).searchParams.has("after") ? [] : hits;
    return route.fulfill({ json: { took_ms: 1, timed_out: false, from: "", to: "", total: 1, hits: next, next: next.length ? "more" : undefined } });
  });
  await page.goto(server.base + "/?q=full");
  await page.click(".more button");
  await page.waitForSelector(".more", { state: "detached" });
  assert.equal(await page.locator("tr.row").count(), 1);
  await page.unroute(match);
});

test("of ten thousand alerts a thousand can be had in a few steps, and chosen", async () => {
  const alert = (n) => ({ _id: `a${n}`, _index: "sluice-alerts-default", source: { "@timestamp": "2026-03-01T12:00:00Z", message: `Alert ${n}`, sluice: { alert: { id: `a${n}`, severity: "low" } } } });
  const match = (url) => url.pathname === "/api/v1/alerts";
  await page.route(match, (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const [size, after] = [Number(asked.get("size") ?? 50), Number(asked.get("after") ?? 0)];
    assert.ok(size <= 1000, `${size} in one answer`);
    return route.fulfill({ json: { took_ms: 1, timed_out: false, from: "", to: "", total: 10000, hits: Array.from({ length: size }, (_, i) => alert(after + i)), next: String(after + size) } });
  });
  await page.goto(server.base + "/alerts");
  for (const n of [50, 100, 200, 400, 800]) {
    await page.waitForFunction((want) => document.querySelectorAll("tr.row").length === want, n);
    await page.click(".more button");
  }
  await page.waitForSelector("text=The first 1000 alerts");
  await page.check('[aria-label="Choose all shown"]');
  assert.match(await page.textContent(".picked"), /^1000 chosen/);
  assert.equal(await page.locator("tr.row .c-title").last().textContent(), "Alert 999");
  await page.unroute(match);
});

own("alerts are sorted by their heads, both ways, and the address keeps it", async () => {
  const titles = () => page.$$eval("table.alerts td.c-title a", (links) => links.map((a) => a.textContent));
  await page.goto(server.base + "/alerts?severity=high,medium,low");
  await page.waitForSelector("table.alerts tr.row");
  const head = (name) => searched(() => page.click(`th button:has-text("${name}")`), "/api/v1/alerts?");
  await head("Severity");
  assert.match((await titles())[0], /failed log-ins/);
  assert.equal(await page.getAttribute("th.c-severity", "aria-sort"), "descending");
  await head("Severity");
  assert.match((await titles())[0], /First log-in/);
  assert.match(page.url(), /sort=event\.severity%3Aasc/);
  await page.reload();
  await page.waitForSelector("table.alerts tr.row");
  assert.match((await titles())[0], /First log-in/);
  await head("Severity");
  assert.ok(!page.url().includes("sort="), "the third time the list has its own order");
  await head("Alert, by rule");
  assert.match((await titles())[0], /First log-in/);
  await head("Events");
  assert.match((await titles())[0], /Port scan/);
});

own("a field's most frequent values are asked for by keys, and filter", async () => {
  await page.goto(server.base + "/?from=now-1h&q=openssh");
  await page.waitForSelector("table.events");
  await rows().first().locator("button").press("Enter");
  await page.locator('.fields .name:has-text("user.name")').press("Enter");
  await page.waitForSelector(".top-values li");
  assert.ok((await page.locator(".top-values li").count()) >= 5);
  assert.match(await page.textContent("tr.values"), /\d+ of \d+ events of this search have it/);
  await searched(() => page.locator('[aria-label="Filter for user.name root"]').press("Enter"));
  assert.equal(await total(), 14);
  assert.equal(await page.inputValue(".query input"), 'openssh AND user.name:"root"');
  await rows().first().click();
  await page.click('.fields .name:has-text("source.port")');
  await page.waitForSelector(".top-values li");
  assert.equal(await page.locator(".top-values li").count(), 10);
  assert.match(await page.textContent("tr.values"), /about 14 values; the most frequent/);
  await searched(() => page.locator('.top-values [aria-label^="Filter out source.port"]').first().click());
  assert.equal(await total(), 13);
  await rows().first().click();
  await page.click('.fields .name:has-text("message")');
  await page.waitForSelector('tr.values .fault:has-text("is a text")');
});

own("columns are chosen, and the address and the browser keep them", async () => {
  const heads = () => page.$$eval("table.events thead th", (all) => all.slice(1).map((h) => h.textContent));
  const usual = ["Time", "Dataset", "Host", "Source → destination", "Action", "Message"];
  await page.goto(server.base + "/?from=now-1h&q=failed");
  await page.waitForSelector("table.events");
  assert.deepEqual(await heads(), usual);
  await page.click('.ways button:has-text("Columns")');
  await page.click('[aria-label="Without the column Host"]');
  await page.focus('[aria-label="Action further left"]');
  for (let i = 0; i < 2; i++) {
    await page.keyboard.press("Enter"); // the button goes with its column, and keeps the keys
    await page.waitForFunction(() => document.activeElement.matches('[aria-label="Action further left"], .columns input'));
  }
  assert.deepEqual(await heads(), ["Time", "Action", "Dataset", "Source → destination", "Message"]);
  await page.focus('[aria-label="Action further right"]');
  for (let i = 0; i < 3; i++) await page.keyboard.press("Enter").then(() => page.waitForFunction(() => document.activeElement.matches('[aria-label="Action further right"], .columns input')));
  await page.click('[aria-label="Message further left"]');
  await page.click('[aria-label="Message further right"]');
  await page.waitForFunction(() => document.activeElement.matches('[aria-label="Message further right"]'));
  await page.fill(".columns input", "user.name");
  await page.keyboard.press("Enter");
  const want = ["Time", "Dataset", "Source → destination", "Message", "Action", "user.name"];
  assert.deepEqual(await heads(), want);
  assert.match(await rows().first().textContent(), /root$/);
  assert.match(page.url(), /cols=dataset%2Cends%2Cmessage%2Caction%2Cuser\.name/);
  const link = page.url();
  await page.goto(server.base + "/?from=now-1h&q=failed");
  await page.waitForURL(/cols=dataset/);
  await page.waitForSelector("table.events");
  assert.deepEqual(await heads(), want, "the last choice, where the address names none");
  await rows().first().click();
  await page.click('.fields .name:has-text("source.port")');
  await page.click('tr.values button:has-text("Show as a column")');
  assert.deepEqual(await heads(), [...want, "source.port"]);
  await page.click('tr.values button:has-text("Remove the column")');
  await page.click('.ways button:has-text("Columns")');
  await page.click('button:has-text("Usual columns")');
  await page.keyboard.press("Escape");
  await page.waitForSelector(".columns", { state: "detached" });
  assert.deepEqual(await heads(), usual);
  assert.ok(!page.url().includes("cols="), page.url());
  await page.goto(link);
  await page.waitForSelector("table.events");
  assert.deepEqual(await heads(), want, "as who sent the link saw it");
  await page.goto(server.base + "/?from=now-1h&cols=" + encodeURIComponent('<b>,user.name,"x",__proto__,user.name'));
  await page.waitForSelector("table.events");
  assert.deepEqual(await heads(), ["Time", "user.name", "__proto__"]);
});

own("what is found is exported as it is seen", async () => {
  const file = async (kind) => {
    await page.click('.ways button:has-text("Export")');
    const started = page.waitForEvent("download");
    await page.click(`.export a:has-text("${kind}")`);
    const download = await started;
    const parts = [];
    for await (const part of await download.createReadStream()) parts.push(part);
    return { name: download.suggestedFilename(), lines: Buffer.concat(parts).toString().trimEnd().split("\n") };
  };
  await page.goto(server.base + "/?from=now-1h&q=failed&cols=user.name,ends");
  await page.waitForSelector("table.events");
  const csv = await file("CSV");
  assert.match(csv.name, /^sluice-events-\d{8}T\d{6}Z\.csv$/);
  assert.equal(csv.lines[0], "@timestamp,user.name,source.ip,source.port,destination.ip,destination.port,sluice.id");
  assert.equal(csv.lines.length, 15);
  assert.match(csv.lines[1], /,root,203\.0\.113\.66,51013,,,/);
  const excel = await file("CSV for Excel");
  assert.deepEqual(excel.lines, ["\ufeff" + csv.lines[0], ...csv.lines.slice(1)]);
  const ndjson = await file("NDJSON");
  assert.equal(ndjson.lines.length, 14);
  assert.equal(JSON.parse(ndjson.lines[0]).user.name, "root");
  await page.goto(server.base + "/alerts?severity=high");
  await page.waitForSelector("table.alerts tr.row");
  const alerts = await file("CSV");
  assert.match(alerts.name, /^sluice-alerts-/);
  assert.match(alerts.lines[1], /,high,SSH password guessing,14 failed log-ins/);
  await page.goto(server.base + "/?q=sluice.pack:evil&from=now-1h&cols=user.name");
  await page.waitForSelector("table.events");
  const evil = await file("CSV");
  assert.ok(evil.lines.some((l) => l.includes("'=HYPERLINK")), "a formula is a text");
  assert.ok(!evil.lines.some((l) => /(^|,)"?=/.test(l)));
});

own("a search is saved under a name, found again and deleted", async () => {
  const open = () => page.click('.ways button:has-text("Saved")');
  await page.goto(server.base + "/?from=now-1h&q=failed&cols=user.name,message");
  await page.waitForSelector("table.events");
  await open();
  await page.waitForSelector("text=No search of this page is saved yet");
  for (const name of ["Failed log-ins", '<img src=x onerror="window.pwned=1">']) {
    await page.fill(".saved input", name);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`.saved a:text-is(${JSON.stringify(name)})`);
  }
  await visibleOnly();
  await page.goto(server.base + "/");
  await page.waitForSelector("table.events, .nothing");
  await open();
  await searched(() => page.click(".saved >> text=Failed log-ins"));
  assert.equal(await total(), 14);
  assert.match(page.url(), /q=failed&from=now-1h|from=now-1h&.*q=failed/);
  assert.match(page.url(), /cols=user\.name%2Cmessage/);
  await page.waitForSelector(".saved", { state: "detached" });
  await open();
  await page.waitForSelector(".saved li");
  while ((await page.locator(".saved li").count()) > 0) {
    const n = await page.locator(".saved li").count();
    await page.locator('.saved [aria-label^="Delete"]').first().click();
    await page.waitForFunction((n) => document.querySelectorAll(".saved li").length < n, n);
  }
  await page.waitForSelector("text=No search of this page is saved yet");
  await page.evaluate(() => localStorage.removeItem("columns"));
  await page.goto(server.base + "/?from=now-1h&q=failed");
  await page.waitForSelector("table.events");
  await open();
  await page.fill(".saved input", "Usual columns");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".saved li");
  await page.evaluate(() => localStorage.setItem("columns", "user.name"));
  await page.goto(server.base + "/");
  await page.waitForSelector("table.events, .nothing");
  await open();
  await searched(() => page.click(".saved >> text=Usual columns"));
  assert.equal(await page.locator("table.events thead th").count(), 7, "as it was saved, not as this browser chose last");
  await page.evaluate(() => localStorage.removeItem("columns"));
  await open();
  await page.waitForSelector(".saved li");
  await page.click('[aria-label="Delete Usual columns"]');
  await page.waitForSelector("text=No search of this page is saved yet");
  await page.fill(".saved input", "Shared");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.saved a:text-is("Shared")');
  const { searches } = await (await page.request.get(server.base + "/api/v1/searches")).json();
  await page.request.delete(`${server.base}/api/v1/searches/${searches.find((s) => s.name === "Shared").id}`, { headers: { Origin: server.base } });
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await page.fill(".saved input", "A long name");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".saved .fault:has-text('logged out')");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))); // what the page does then has begun
  assert.equal(await page.inputValue(".saved input"), "A long name", "what was written stays when the session has ended");
  await page.context().addCookies(cookies);
  await page.click('.saved [aria-label="Delete Shared"]');
  await page.waitForSelector('.saved .fault:has-text("no such saved search")');
  await page.waitForSelector('.saved a:text-is("Shared")', { state: "detached" }); // a colleague was faster
  await page.goto(server.base + "/alerts");
  await page.waitForSelector("table.alerts tr.row");
  await open();
  await page.fill(".saved input", "High");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.saved a:text-is("High")');
});

test("an address that is none is a page that says so", async () => {
  const answer = await page.goto(server.base + "/nope");
  assert.equal(answer.status(), 404);
  await page.waitForSelector('.nothing:has-text("No such page")');
  await page.click(".nothing a");
  await page.waitForSelector("table.events, .nothing");
});

own("hostile content in every field stays text", async () => {
  await page.goto(server.base + "/?q=sluice.pack:evil");
  await page.waitForSelector("table.events");
  const n = await rows().count();
  assert.equal(n, 15);
  for (let i = 0; i < n; i++) {
    await rows().nth(i).locator("button").click();
    await page.waitForSelector(".detail .fields");
    await page.click('.detail button:has-text("JSON")');
    await page.waitForSelector(".detail .raw >> nth=1");
  }
  await page.click('.detail button:has-text("JSON")');
  await page.click('.fields .name:has-text("user.name")');
  await page.waitForSelector(".top-values li");
  await visibleOnly();
  await page.goto(server.base + "/?q=sluice.pack:evil&cols=user.name,labels,sluice.vendor.constructor");
  await page.waitForSelector("table.events");
  await visibleOnly();
  await page.goto(server.base + "/alerts");
  await page.waitForSelector("table.alerts");
  const ids = await page.$$eval("table.alerts a", (links) => links.map((a) => a.href).filter((h) => h.includes("evil")));
  assert.equal(ids.length, 15);
  for (const href of ids) {
    await page.goto(href);
    await page.waitForSelector("table.events tr.row");
    await rows().first().click();
    await page.waitForSelector(".detail .fields");
    await visibleOnly();
  }
  for (const at of ["/rules", "/rules/rule-2?event=evil-0", "/rules/rule-12?event=evil-0", "/attack", "/sources"]) {
    await page.goto(server.base + at);
    await page.waitForSelector(at.includes("event") ? ".trace" : "tr.row, .matrix li");
    await visibleOnly();
  }
});

// Nothing of what is shown came to life.
async function visibleOnly() {
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  const strange = await page.$$eval("#app *", (all) => all.filter((e) => ["SCRIPT", "IFRAME", "IMG", "STYLE", "BASE", "META", "OBJECT"].includes(e.tagName)).length);
  assert.equal(strange, 0);
  const shown = await page.textContent("#app");
  assert.ok(!/(?![\t\n])[\p{C}\p{Zl}\p{Default_Ignorable_Code_Point}]/u.test(shown), "control and invisible characters are made visible");
}

own("a policy stops what the page itself would not do", async () => {
  assert.deepEqual(faults, []);
  const stopped = page.waitForEvent("console", (m) => m.text().includes("CSP violation: require-trusted-types-for"));
  const refused = await page.evaluate(() => {
    try {
      document.createElement("div").innerHTML = "<b>markup</b>";
      return false;
    } catch {
      return true;
    }
  });
  assert.ok(refused, "trusted types refuse markup from text");
  await stopped; // so a violation is seen: its absence elsewhere means something
  faults.length = 0;
});

// What an evaluation by rules finds of WCAG 2.2 A and AA and of good practice; a person's review finds more.
test("axe finds nothing on any page, light or dark, wide or narrow", async () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const looks = [
    ["/?from=now-1h", "tr.row", []],
    ["/?from=now-1h", "tr.row", ["tr.row >> nth=1", ".fields .name >> nth=5"]],
    ["/?from=now-1h", "tr.row", ['.ways button:has-text("Columns")']],
    ["/?from=now-1h", "tr.row", ['.ways button:has-text("Export")']],
    ["/?from=now-1h", "tr.row", ['.ways button:has-text("Saved")']],
    ["/?from=now-1h", "tr.row", [".bar-top .opens > button"]],
    ["/?q=nothinglikethis", ".nothing", []],
    ["/?q=" + encodeURIComponent("user.name:root AND"), ".wrong", []],
    ["/alerts", "table.alerts tr.row", ['[aria-label="Choose all shown"]']],
    ["/alerts", "table.alerts tr.row", ["table.alerts td.c-title a >> nth=0"]],
    ["/rules", "table.rules", []],
    ["/rules", "table.rules", ["table.rules td a >> nth=0"]],
    ["/attack?all=1", ".matrix li", []],
    ["/sources", "table.sources", []],
    ["/nope", ".nothing", []],
  ];
  const found = new Set();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1440, 380]) {
      await page.setViewportSize({ width, height: 900 });
      for (const [at, ready, opened] of looks) {
        await page.goto(server.base + at);
        await page.waitForSelector(ready);
        for (const selector of opened) await page.click(selector);
        if (opened[0]?.startsWith("tr.row")) await page.waitForSelector(".top-values li");
        if (opened[0]?.includes(" td")) await page.waitForSelector("h1:not(.unseen)");
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate(() => window.axe.run(document));
        assert.ok(passes.length > 10, `${at}: axe looked at little`);
        for (const v of violations) found.add(`${at} ${opened} ${colorScheme} ${width}: ${v.help}: ${v.nodes[0].html.slice(0, 200)}`);
      }
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.deepEqual([...found], []);
});

own("keys go on in the content where their button goes with what it did", async () => {
  const at = () => page.evaluate(() => document.activeElement.id);
  await page.goto(server.base + "/?q=failed&from=now-1h");
  await rows().first().locator("button").press("Enter");
  await searched(() => page.locator('[aria-label="Only user.name root"]').press("Enter"));
  assert.equal(await at(), "main");
  await searched(() => page.goto(server.base + "/?q=nothinglikethis"));
  await searched(() => page.locator("text=Clear the query").press("Enter"));
  assert.equal(await at(), "main");
  await page.goto(server.base + "/alerts");
  await page.waitForSelector("table.alerts tr.row");
  await page.check('[aria-label="Choose all shown"]');
  await page.locator(".picked >> text=None").press("Enter");
  assert.equal(await at(), "main");
});

own("who logs in again for a file comes to a page", async () => {
  await page.goto(server.base + "/login?next=" + encodeURIComponent("/api/v1/search/export?format=csv"));
  await page.waitForURL(server.base + "/");
});

own("without a session a layer leads to the log-in, and is not saved as one", async () => {
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const other = await context.newPage();
  await other.goto(server.base + "/attack");
  await other.waitForSelector(".matrix li");
  await context.clearCookies();
  await other.click("text=Navigator layer");
  await other.waitForSelector("#token");
  await context.close();
});

test("who cannot be logged out sees that the session is still open", async () => {
  // A page of its own: the error in its console is wanted.
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const other = await context.newPage();
  await other.goto(server.base + "/sources");
  await other.route((url) => url.pathname === "/api/v1/session", (route) => (route.request().method() === "DELETE" ? route.abort() : route.continue()));
  await other.click("text=Log out");
  await other.waitForURL(server.base + "/"); // where the log-in leads who is logged in
  await context.close();
});

test("the session ends on the server", async () => {
  await page.goto(server.base + "/");
  await page.waitForSelector("table.events, .nothing");
  const cookies = await page.context().cookies();
  await page.click("text=Log out");
  await page.waitForSelector("#token");
  await page.context().addCookies(cookies);
  const answer = await page.request.get(server.base + "/api/v1/session", { headers: { Accept: "application/json" } });
  assert.equal(answer.status(), 401);
});

test("no violation of the policy, no error, no request elsewhere", () => {
  assert.deepEqual(faults, []);
});
