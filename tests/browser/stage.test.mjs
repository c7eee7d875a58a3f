// The stage itself: a test of the console means nothing where the browser cannot draw Japanese,
// the accessibility judge finds nothing, or a request to the outside goes unseen.

import assert from 'node:assert/strict';

const page_of = (body) => `data:text/html;charset=utf-8,${encodeURIComponent(
  `<!doctype html><html lang="ja"><head><title>関所</title></head><body><main><h1>関所</h1>${body}</main></body></html>`,
)}`;

export const tests = [
  {
    name: 'Japanese letters are drawn, each its own',
    async run(stage) {
      const page = await stage.visitor();
      await page.goto(page_of(''));
      // Without a Japanese font every letter is the same empty box.
      const drawn = await page.evaluate(() => [...'関所端末許可'].map((letter) => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 40;
        const pen = canvas.getContext('2d');
        pen.font = '32px sans-serif';
        pen.fillText(letter, 2, 34);
        return canvas.toDataURL();
      }));
      assert.equal(new Set(drawn).size, drawn.length);
    },
  },
  {
    name: 'the judge finds a planted barrier and lets a sound page be',
    async run(stage) {
      const page = await stage.visitor();
      await page.goto(page_of('<p>端末の状態</p>'));
      assert.deepEqual(await stage.barriers(page), []);
      await page.goto(page_of('<img src="data:,"><input type="text">'));
      const found = await stage.barriers(page);
      assert.ok(found.some((line) => line.startsWith('image-alt')), found.join('\n'));
      assert.ok(found.some((line) => line.startsWith('label')), found.join('\n'));
    },
  },
  {
    name: 'a request to the outside and a script error are noticed',
    async run(stage) {
      const page = await stage.visitor();
      await page.route('http://outside.example/**', (route) => route.abort());
      await page.goto(page_of('<img alt="x" src="http://outside.example/x.png"><script>missing()</script>'));
      await assert.rejects(stage.quiet(page), (error) => {
        // In whichever order the browser tells them.
        assert.match(error.message, /request to outside\.example/);
        assert.match(error.message, /missing is not defined/);
        return true;
      });
    },
  },
];
