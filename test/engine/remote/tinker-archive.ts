/** A tar archive, packed as SkyRL packs one: the folder itself first, its name empty. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** "0" a file, "5" a folder, "2" a link. */
  readonly type?: string;
}

export function tar(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ name, bytes, type = "0" }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100, "latin1");
    header.write("0000644\0", 100);
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(type, 156);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((a, b) => a + b, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** A PEFT folder as SkyRL sends it: no list of modules, and a path of the server's own. */
export function packed(folder: string): Buffer {
  const entries: Entry[] = [{ name: "", bytes: new Uint8Array(), type: "5" }];
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name));
    if (name !== "adapter_config.json") entries.push({ name: `./${name}`, bytes });
    else {
      const config = {
        ...JSON.parse(bytes.toString()),
        target_modules: null,
        base_model_name_or_path: "/their/own",
      };
      entries.push({ name: `./${name}`, bytes: Buffer.from(JSON.stringify(config)) });
    }
  }
  return gzipSync(tar(entries));
}
