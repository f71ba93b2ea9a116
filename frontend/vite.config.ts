import { defineConfig } from "vitest/config";

// One entry a page under a fixed name, so that templates can link it; shared code goes to hashed chunks.
export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: false,
    rollupOptions: {
      input: { page: "src/page.ts", review: "src/review.ts", desk: "src/desk.ts", board: "src/board.ts", learn: "src/learn.ts" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
