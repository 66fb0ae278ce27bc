"""`build`: begin and follow the build of the project's image at GitHub or GitLab."""

from __future__ import annotations

from installer.cli.build_workflow import init_workflow
from installer.cli.options import group
from installer.i18n import tr

build = group(
    tr("The build of the project's image, at GitHub or GitLab."),
    example="manage.py build init-workflow",
    verbs=(init_workflow,),
)
