"""The web page: views that read selectors and call services, templates, and static files without a build step.

urls            addresses
views/          one module per page; thin
presentation/   Script, jobs and hits as templates need them; pure, no database
templates/ static/ templatetags/
"""
