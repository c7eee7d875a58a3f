// The console as a person meets it first.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

// Until the command line exists there is nothing to open.
function notBuilt() {
  const help = spawnSync(process.env.SEKISHO_BIN, ['up', '--help'], { encoding: 'utf8' });
  return help.status === 0 && help.stdout.includes('--listen') ? undefined : 'no `sekisho up` yet';
}

export const tests = [
  {
    name: 'the first page is quiet, without barriers, in both languages, light and dark',
    skip: notBuilt,
    async run(stage) {
      const server = await stage.sekisho('up');
      for (const language of ['ja', 'en']) {
        for (const dark of [false, true]) {
          const page = await stage.visitor({ language, dark });
          const reply = await page.goto(server.url);
          assert.ok(reply.ok(), `${reply.status()} at ${page.url()}`);
          assert.equal(await page.locator('html').getAttribute('lang'), language);
          await stage.accessible(page);
          await stage.quiet(page);
          await stage.picture(page, `first-${language}${dark ? '-dark' : ''}`);
        }
      }
    },
  },
];
