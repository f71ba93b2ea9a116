import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vitest/config";

/** Beside each script and style its gzipped twin, which the site serves to whoever takes it. */
const zipped = {
  name: "zipped",
  writeBundle({ dir = "" }: { dir?: string }) {
    for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((file) => /\.(js|css|svg)$/.test(file)))
      writeFileSync(`${join(dir, name)}.gz`, gzipSync(readFileSync(join(dir, name)), { level: 9 }));
  },
};

// One entry a page under a fixed name, so that templates can link it; shared code goes to hashed chunks.
export default defineConfig({
  base: "./",
  plugins: [zipped],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: false,
    rollupOptions: {
      input: { page: "src/page.ts", review: "src/review.ts", desk: "src/desk.ts", board: "src/board.ts", history: "src/history.ts", learn: "src/learn.ts", explore: "src/explore.ts", report: "src/report.ts" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
