// Takes the pictures of docs/pictures from a demonstration that has been running for some minutes:
// SLUICE_URL=http://127.0.0.1:8514 SLUICE_TOKEN="$(cat sluice-demo/data/token)" node pictures.mjs
import { join } from "node:path";
import { open, start } from "./world.mjs";

const folder = join(import.meta.dirname, "../../docs/pictures");
const server = await start();
const browser = await open();
try {
  const context = await browser.newContext({ colorScheme: "light", viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  const shot = (name) => page.screenshot({ path: join(folder, `${name}.png`) });
  await page.goto(server.link);
  await page.waitForSelector("table.events");
  await page.goto(server.base + "/?q=" + encodeURIComponent("event.outcome:failure"));
  await page.waitForSelector("table.events");
  await shot("events");
  await page.goto(server.base + "/alerts");
  await page.waitForSelector("table.alerts tr.row");
  await shot("alerts");
  await page.click("table.alerts td.c-title a");
  await page.waitForSelector("table.events tr.row");
  await shot("alert");
} finally {
  await browser.close();
  server.stop();
}
