// Takes pictures of every page, light and dark, into a folder: node shot.mjs FOLDER
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { open, start } from "./world.mjs";

// What is looked at in several widths, with what is clicked before.
const sized = [
  ["events", "/?from=now-1h", []],
  ["values", "/?q=failed&from=now-1h", ["tr.row >> nth=0", '.fields .name:has-text("source.port")']],
  ["columns", "/?from=now-1h&cols=dataset,user.name,source.ip,destination.ip,http.response.status_code,action,message", ["tr.row >> nth=0", '.ways button:has-text("Columns")']],
  ["export", "/?from=now-1h", ['.ways button:has-text("Export")']],
  ["alerts", "/alerts?sort=event.severity:desc", []],
  ["hostile", "/?q=sluice.pack:evil", ["tr.row >> nth=10", '.fields .name:has-text("user.name")']],
  ["attack", "/attack?all=1", []],
];

const folder = process.argv[2] ?? "shots";
mkdirSync(folder, { recursive: true });
const server = await start();
const browser = await open();
try {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const shot = (name) => page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    await page.goto(server.base + "/login");
    await page.waitForSelector("#token");
    await shot("login");
    await page.goto(server.link);
    await page.waitForSelector("table.events");
    await shot("events");
    await page.goto(server.base + "/?q=failed&from=now-1h");
    await page.waitForSelector("table.events");
    await page.click("tr.row >> nth=1");
    await page.waitForSelector(".detail");
    await shot("event");
    await page.click('.fields .name:has-text("source.ip")');
    await page.waitForSelector(".top-values li");
    await page.locator("tr.values").scrollIntoViewIfNeeded();
    await shot("values");
    await page.goto(server.base + "/?from=now-1h&cols=dataset,user.name,source.ip,destination.ip,http.response.status_code,action,message");
    await page.waitForSelector("table.events");
    await page.click('.ways button:has-text("Columns")');
    await shot("columns");
    await page.click('.ways button:has-text("Export")');
    await shot("export");
    await page.keyboard.press("Escape");
    await page.click('.ways button:has-text("Saved")');
    await page.fill(".saved input", "Who logs in to what, from where, at night and from outside of the country");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".saved li");
    await shot("saved");
    await page.keyboard.press("Escape");
    await page.click(".bar-top .opens > button");
    await shot("range");
    await page.goto(server.base + "/?q=nothinglikethis");
    await page.waitForSelector(".nothing");
    await shot("empty");
    await page.goto(server.base + "/?q=" + encodeURIComponent("user.name:root AND"));
    await page.waitForSelector(".wrong");
    await shot("wrong");
    await page.goto(server.base + "/alerts?severity=high,medium,low");
    await page.waitForSelector("table.alerts");
    await shot("alerts");
    await page.check('[aria-label="Choose all shown"]');
    await page.fill(".picked textarea", "our own scanner");
    await shot("picked");
    await page.click("text=14 failed log-ins");
    await page.waitForSelector("table.events");
    if ((await page.inputValue(".triage input")) === "") {
      await page.fill(".triage input", "anna");
      await page.fill(".triage textarea", "The address is not ours.");
      await page.click('.triage button:has-text("Acknowledged")');
    }
    await page.waitForSelector(".history li");
    await shot("alert");
    await page.goto(server.base + "/rules?sort=matches");
    await page.waitForSelector("table.rules");
    await shot("rules");
    await page.goto(server.base + "/rules/rule-0?event=e1");
    await page.waitForSelector(".trace");
    await shot("rule");
    await page.goto(server.base + "/attack?all=1");
    await page.waitForSelector(".matrix li");
    await shot("attack");
    await page.goto(server.base + "/sources");
    await page.waitForSelector("table.sources");
    await shot("sources");
    await page.goto(server.base + "/?q=sluice.pack:evil");
    await page.waitForSelector("table.events");
    await page.click("tr.row >> nth=0");
    await shot("evil");
    await page.setViewportSize({ width: 700, height: 900 });
    await shot("narrow");
    await page.goto(server.base + "/nope");
    await page.waitForSelector(".nothing");
    await shot("nope");
    for (const width of [380, 1280, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      for (const [name, at, opened] of sized) {
        await page.goto(server.base + at);
        await page.waitForSelector("tr.row, .matrix li");
        for (const selector of opened) await page.click(selector);
        await page.waitForLoadState("networkidle");
        await shot(`${name}-${width}`);
      }
    }
    await context.close();
  }
} finally {
  await browser.close();
  server.stop();
}
