"""Scripts, jobs and hits turned into what a template prints. No database, no requests: plain values in, plain values out."""
