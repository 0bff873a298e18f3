import { startCatalog } from "./start-catalog.node.js";

export * from "./catalog-api.js";

startCatalog();
