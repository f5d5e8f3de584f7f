"""Each promise that users once found broken, and each friction that was removed, has tests: these."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

PROMISES = {
    "1 translate replaces no English that a person has edited": """
        season_command.test_translate_keeps_what_a_person_has_edited_and_knows_what_a_season_has_written
        season_command.test_translate_replaces_no_english_that_was_there_before_and_makes_the_folder_it_needs
        season_command.test_an_edited_output_is_shown_and_kept_until_a_person_decides
        review_server.test_what_the_page_has_written_is_up_to_date_for_a_run_until_a_person_edits_it
        review_server.test_what_only_the_english_file_has_is_no_runs_to_replace""",
    "2 Write shows every line that changes, and keeps what a person wants to keep": """
        review_browser.test_writing_shows_what_changes_outside_the_segments_and_keeps_it
        review_server.test_lines_outside_the_segments_are_shown_and_can_be_kept
        review_server.test_an_english_file_that_somebody_has_edited_is_shown_before_it_is_overwritten""",
    "3 a wrong finding can be overruled, and the run writes": """
        settled.test_a_finding_of_a_persons_text_blocks_until_it_is_accepted
        settled.test_what_is_ignored_blocks_no_run
        review_browser.test_an_answer_that_did_not_pass_is_accepted_with_a_reason
        review_browser.test_what_was_accepted_together_is_undone_and_a_finding_is_ignored
        review_browser.test_a_remark_about_the_document_is_ignored_with_a_reason
        review_tty.test_a_text_is_accepted_whatever_the_checks_say_until_that_is_undone
        review_tty.test_a_finding_about_the_document_comes_first_and_is_ignored_with_a_reason""",
    "4 an answer that did not pass is shown with its complaints, and a target need not exist yet": """
        review_browser.test_an_answer_that_did_not_pass_is_mended
        review_page.test_an_english_file_that_was_not_written_yet_can_be_reviewed
        review_tty.test_an_english_file_that_was_not_written_yet_can_be_reviewed""",
    "5 without a key nothing is made word by word unasked": """
        cli.test_without_a_key_the_ways_on_are_commands_to_paste
        cli.test_a_season_without_a_key_writes_what_the_memory_answers_whole
        cli.test_a_draft_is_made_by_name_and_is_no_success
        batch.test_an_answer_that_did_not_pass_is_said_with_its_line""",
    "6 no pair, and a source without English, are errors": """
        check_command.test_no_pair_at_all_is_an_error
        check_command.test_a_source_without_english_fails_where_a_translation_is_required
        check_command.test_the_action_checks_the_files_that_a_pull_request_changes""",
    "7 Ctrl-C waits for answers in flight and loses none": """
        kill.test_an_interrupted_run_waits_for_what_is_in_flight_and_says_how_to_go_on
        season_runs.test_the_first_signal_lets_finish_what_is_in_flight""",
    "8 text that stays in Chinese is told, and is no success": """
        leftover.test_what_a_reader_sees_is_left
        leftover.test_a_run_that_leaves_a_sentence_is_no_success_but_is_written
        trees.test_whatever_a_model_answers_every_construct_is_there_or_it_is_told""",
    "9 another model can be asked anew, and the summary says who made what": """
        fresh.test_another_model_is_asked_anew_where_a_person_wants_that
        fresh.test_fresh_asks_for_every_answer_of_a_machine
        cli.test_a_clean_run_says_where_everything_comes_from""",
    "10 memory learn takes corrections of accepted texts, or says why not": """
        learning.test_a_correction_of_an_accepted_text_is_taken_over_or_it_is_said_why_not
        learning.test_of_an_edited_output_only_what_was_edited_is_a_persons
        learning.test_an_edited_file_of_which_only_a_part_is_learned_leads_to_no_circle""",
    "a verdict first, nothing twice, words whole at 60, 80 and 120 columns": """
        terminal.test_the_verdict_comes_first_nothing_twice_and_no_word_is_broken
        terminal.test_what_is_to_be_pasted_is_whole_on_a_narrow_terminal
        terminal.test_no_line_is_too_wide_and_no_word_is_broken
        terminal.test_a_season_quotes_what_its_errors_are_about
        review_tty.test_a_terminal_gets_colors_lines_that_fit_and_a_way_out""",
    "a budget below its forecast asks, and runs share one": """
        terminal.test_a_budget_below_the_forecast_is_asked_about
        season_command.test_runs_share_a_total_budget""",
    "a season takes what is Chinese, says what it leaves out, and how to ask again for what failed": """
        season_command.test_of_a_project_only_what_is_chinese_is_translated_and_it_is_said_what_is_left_out
        season_command.test_errors_keep_a_file_back_unless_it_may_be_incomplete_and_the_next_season_tries_again
        season_table.test_each_letter_of_the_table_has_its_word_below""",
    "the Python interface raises what is foreseen, in a sentence": """
        api.test_each_foreseen_failure_is_raised_in_a_sentence_and_nothing_is_printed
        api.test_the_example_of_the_documents_runs""",
    "help in groups with examples, pipes, completion, did you mean": """
        help.test_help_has_options_in_groups_and_examples
        help.test_every_example_is_a_call_that_the_command_takes
        help.test_an_issue_comes_through_a_pipe_and_goes_into_one
        help.test_the_shell_completes_commands_and_options
        help.test_the_shell_completes_values
        help.test_bash_completes_behind_an_issue_and_offers_files_else
        help.test_what_is_misspelled_is_guessed""",
    "what was typed in the page survives Esc, and is undone, together or a dismissal": """
        review_browser.test_an_answer_that_did_not_pass_is_mended
        review_browser.test_what_was_accepted_together_is_undone_and_a_finding_is_ignored
        review_browser.test_a_dismissal_is_undone_by_a_key
        review_browser.test_the_history_and_what_the_memory_offers""",
    "every command of the README runs from where a reader is": """
        readme.test_every_command_of_the_readme_runs_from_where_a_reader_is
        readme.test_the_readme_is_two_screens_long
        site.test_the_site_builds_without_a_warning_and_has_a_page_for_each_command""",
    "an editor shows findings, offers fixes, and nothing is sent": """
        lsp.test_an_open_pair_shows_its_findings_offers_fixes_and_sends_nothing
        lsp.test_a_fix_is_offered_as_the_site_reads_its_markdown""",
    "another newsletter or a docs folder gets its own texts": """
        init.test_documentation_has_neither_house_rules_nor_the_terms_of_a_newsletter
        init.test_a_copy_of_all_files_for_documentation_has_no_house_rules_and_speaks_of_what_is_there
        edition_command.test_another_newsletter_comes_out_in_its_own_edition_without_any_python""",
}
"""A promise, and the tests of it: `cli.test_x` is in `test_cli.py`."""


@pytest.mark.parametrize("promise", PROMISES)
def test_the_tests_of_a_promise_exist(promise: str) -> None:
    named = [name.partition(".") for name in PROMISES[promise].split()]
    assert named
    assert [name for file, _, name in named if name not in _tests_in(file)] == []


@cache
def _tests_in(name: str) -> set[str]:
    tree = ast.parse((Path(__file__).parent / f"test_{name}.py").read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
