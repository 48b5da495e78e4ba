// Takes pictures of every page, light and dark, into a folder: node shot.mjs FOLDER
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { open, start } from "./world.mjs";

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
    await page.click(".range > button");
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
    await context.close();
  }
} finally {
  await browser.close();
  server.stop();
}
