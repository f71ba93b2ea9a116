import "./review-grid";
