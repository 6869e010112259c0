"""The Basic plan and, with `response_mode=form_post`, the Form Post plan: the same modules twice."""
