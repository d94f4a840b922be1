"""The pieces that pages are made of: `{% load isthmus %}`. docs/look.md shows each of them.

This list is the whole vocabulary; what each word does stands in the module it comes from.
"""

from django.template import Library

from core.templatetags.isthmus import actions, blocks, forms, marks, navigation, sequences, states, times

register = Library()

# Small marks within a line
register.simple_tag(marks.icon)
register.simple_tag(marks.avatar)
register.simple_tag(marks.ident)
register.simple_tag(marks.copy_button)
register.simple_tag(states.badge)
register.simple_tag(times.when)
register.simple_tag(times.elapsed)
register.filter(times.duration)

# Around and between pages
register.simple_tag(navigation.nav_item, takes_context=True)
register.simple_tag(navigation.crumbs)
register.simple_tag(navigation.tab, takes_context=True)
register.inclusion_tag("includes/stepper.html")(navigation.stepper)
register.inclusion_tag("includes/pagination.html", takes_context=True)(navigation.pagination)
register.simple_tag(navigation.with_query, takes_context=True)

# Frames: what stands between the tag and its end is their content
register.simple_block_tag(blocks.page_header)
register.simple_block_tag(blocks.panel)
register.simple_block_tag(blocks.callout)
register.simple_block_tag(blocks.empty_state)
register.simple_block_tag(blocks.table_wrap)
register.simple_block_tag(blocks.live)
register.simple_block_tag(blocks.code)

# Facts and progress
register.simple_tag(marks.kv)
register.simple_tag(marks.stat)
register.inclusion_tag("includes/ids.html")(sequences.ids)
register.inclusion_tag("includes/steps.html")(sequences.steps)
register.inclusion_tag("includes/progress.html")(sequences.progress)

# Forms and buttons
register.inclusion_tag("includes/field.html")(forms.field)
register.inclusion_tag("includes/form_fields.html")(forms.form_fields)
register.inclusion_tag("includes/form_errors.html")(forms.form_errors)
register.inclusion_tag("includes/post_button.html", takes_context=True)(actions.post_button)
register.inclusion_tag("includes/gate_notice.html", takes_context=True)(actions.gate_notice)
register.inclusion_tag("includes/problem.html", takes_context=True)(actions.problem)
