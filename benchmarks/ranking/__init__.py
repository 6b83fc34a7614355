"""The sets that ranking is fitted and judged on, the fitting, and the figures. The product needs none of it."""
