// Passkeys with the browser's own virtual authenticator: the first officer begins with one, signs
// in with it, alone and after a password; what is replayed, copied or at the wrong address fails.

import assert from 'node:assert/strict';
import { PASSWORD, fits, link, sameSession } from './newcomer.mjs';
import { until } from './stage.mjs';

// A platform authenticator that says yes at once.
async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  return {
    keys: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    add: (credential) => session.send('WebAuthn.addCredential', { authenticatorId, credential }),
  };
}

const button = (page, kind) => page.locator(`button[data-passkey="${kind}"]`);

async function signOut(page) {
  await page.locator('form[action="/sign-out"] button').click();
  await page.getByRole('link', { name: '再度サインイン' }).waitFor();
}

const isIn = (page) => page.locator('form[action="/sign-out"]').waitFor();

// The link opens at an address without a domain; the page leads to the one where passkeys work.
async function begins(page, server, looked) {
  await page.goto(await link(server));
  assert.equal(await button(page, 'create').count(), 0, 'a passkey is offered to an IP address');
  await page.getByRole('link', { name: 'パスキーを使えるアドレスで、この画面を開く' }).click();
  await page.waitForURL(/^http:\/\/localhost:/);
  await button(page, 'create').waitFor();
  await looked('set-up', page);
  await page.locator('[name=organisation_ja]').fill('試験省');
  await page.getByLabel('政府機関等').check();
  await page.locator('[name=officer_name]').fill('関所 太郎');
  await page.locator('[name=login]').fill('taro');
  await button(page, 'create').click();
  await isIn(page);
}

async function signsIn(page, home) {
  await page.goto(`${home}/sign-in`);
  const sent = page.waitForRequest((it) => it.method() === 'POST' && it.url() === `${home}/sign-in`);
  await button(page, 'get').click();
  const body = (await sent).postData();
  await isIn(page);
  return new URLSearchParams(body).get('credential');
}

// Another browser sends what it has listened to, with a sound form and a challenge of its own.
async function replays(stage, home, credential) {
  const page = await stage.visitor();
  await page.goto(`${home}/sign-in`);
  const status = await page.evaluate(async (credential) => {
    const csrf = document.querySelector('[name=csrf]').value;
    const asked = await fetch('/sign-in/passkey/challenge', {
      method: 'POST', body: new URLSearchParams({ csrf }),
    });
    const sent = await fetch('/sign-in', {
      method: 'POST', body: new URLSearchParams({ csrf, way: 'passkey', next: '/', credential }),
    });
    return [asked.status, sent.status];
  }, credential);
  assert.deepEqual(status, [200, 422]);
  await page.goto(home);
  await page.waitForURL(/\/sign-in/);
}

// A page of another origin gets nothing from the authenticator, nor a challenge from the server.
async function isElsewhere(stage, server) {
  const page = await stage.visitor();
  await page.goto(`${server.url}/sign-in`);
  assert.equal(await button(page, 'get').count(), 0);
  const told = await page.evaluate(async () => {
    const csrf = document.querySelector('[name=csrf]').value;
    const asked = await fetch('/sign-in/passkey/challenge', {
      method: 'POST', body: new URLSearchParams({ csrf }),
    });
    const publicKey = { challenge: new Uint8Array(32), rpId: 'localhost', timeout: 2000 };
    const answered = await navigator.credentials.get({ publicKey }).then(() => 'answered', (error) => error.name);
    return [asked.status, (await asked.json()).code, answered];
  });
  assert.deepEqual(told, [409, 'passkey.elsewhere', 'SecurityError']);
}

async function addsPassword(page, home) {
  await page.goto(`${home}/account`);
  const form = page.locator('form[action="/account/password"]');
  await form.locator('[name=password]').fill(PASSWORD);
  await form.locator('[name=password_again]').fill(PASSWORD);
  await form.locator('button').click();
  await page.locator('form[action="/account/password"] [name=current]').waitFor();
}

async function secondStep(page, home, looked) {
  await page.goto(`${home}/sign-in`);
  await page.locator('[name=login]').fill('taro');
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('form:has([name=password]) button[type=submit]').click();
  await page.getByText('登録済みの方法で本人確認').waitFor();
  assert.equal(await page.locator('[name=code]').count(), 0);
  await looked('second-step', page);
  await button(page, 'get').click();
  await isIn(page);
}

// What is left in the copy counts from where it was made.
async function isCopied(stage, home, copy) {
  const page = await stage.visitor();
  await (await authenticator(page)).add(copy);
  await page.goto(`${home}/sign-in`);
  await button(page, 'get').click();
  await page.getByText('複製された疑い').waitFor();
}

async function people(page, home) {
  for (const name of ['山田 一子', '田中 次郎']) {
    await page.goto(`${home}/organisation`);
    const form = page.locator('form[action="/organisation/people"]');
    await form.locator('[name=name_ja]').fill(name);
    await form.locator('button[type=submit]').click();
    await page.waitForURL(`${home}/organisation`);
  }
}

async function issues(page, home, looked) {
  await people(page, home);
  await page.goto(`${home}/organisation/people`);
  await page.getByRole('link', { name: 'アカウントの一括発行' }).click();
  const list = page.locator('#list');
  await looked('accounts', page);
  const lines = (await list.inputValue()).trim().split('\n');
  assert.equal(lines.length, 2);
  await list.fill(lines.map((line, n) => line.replace(',,', `,staff${n},`)).join('\n'));
  await page.locator('button[value=sheet]').click();
  const links = await page.locator('td code.digest').allInnerTexts();
  assert.equal(links.length, 2);
  await looked('accounts-sheet', page, { again: false });
  return links;
}

export const tests = [
  {
    name: 'a passkey from the first page on: alone, as second factor, replayed, copied, elsewhere',
    limit: 300,
    async run(stage) {
      const server = await stage.sekisho('up', ['--lang', 'ja']);
      const home = server.url.replace('127.0.0.1', 'localhost');
      const wrong = [];
      // Each page as it stands, and the same address in English, dark and narrow.
      const looked = async (what, page, { again = true } = {}) => {
        const judge = async (it, name) => {
          for (const judged of [fits, (one) => stage.accessible(one)]) {
            await judged(it).catch(({ message }) => wrong.push(`${name}: ${message}`));
          }
          await stage.picture(it, name, { full: true });
        };
        await judge(page, `passkey-${what}-ja`);
        if (!again) return;
        const other = await sameSession(stage, page, { language: 'en', dark: true, width: 390, height: 844 });
        await other.goto(page.url());
        await judge(other, `passkey-${what}-en-dark`);
        await other.context().close();
      };
      const page = await stage.visitor();
      const device = await authenticator(page);
      await begins(page, server, looked);
      assert.equal((await device.keys()).length, 1);
      await page.goto(`${home}/account`);
      await page.getByText('最初のパスキー', { exact: true }).waitFor();
      await page.locator('form[action="/account/passkeys"] [name=name]').fill('もう一つ');
      await button(page, 'create').click();
      await page.getByText('この端末または鍵は、登録済みです。').waitFor();
      await looked('account', page);

      await signOut(page);
      await page.goto(`${home}/sign-in`);
      await looked('sign-in', page);
      const credential = await signsIn(page, home);
      await replays(stage, home, credential);
      await isElsewhere(stage, server);
      await addsPassword(page, home);
      const [copy] = await device.keys();
      await signOut(page);
      await secondStep(page, home, looked);
      const [newcomer] = await issues(page, home, looked);
      await stage.quiet(page);

      const arriving = await stage.visitor();
      await authenticator(arriving);
      await arriving.goto(newcomer);
      await looked('link', arriving, { again: false });
      await button(arriving, 'create').click();
      await isIn(arriving);

      await isCopied(stage, home, copy);
      await until('the copy on the page of the account', async () => {
        await page.goto(`${home}/account`);
        return (await page.locator('main').innerText()).includes('複製された疑い');
      });
      await looked('copied', page);
      await signOut(page);
      await page.goto(`${home}/sign-in`);
      await button(page, 'get').click();
      await page.getByText('受け付けられませんでした').waitFor();
      assert.equal(wrong.join('\n'), '');
    },
  },
];
