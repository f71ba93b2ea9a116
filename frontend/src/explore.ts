import "./dataset-explorer";
