"""Every situation that finance and RevOps people reported and that we promise has a test that is there.

The number stands in the test's name. This table says which tests answer for it: one that is renamed or taken out is
missed here, and so is a number that nobody answers for.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
CHAIN: Final = """
A1 A4 A6 A10 A11 A12 A15 A16 A20 A21 A37 A38 A39 A40 A47 A48 A51 A55 A56 A57 A59 A65 A67 C1 C3 C4 C12 C16 C17 C19 C24
C26 C30 C31 C33 C38 C43 C44 C45 C46 C49 C50 C51 C52 C55 C58 C59
"""
"""What the chain from sale to books to CRM gets right: invoices, payments, deals."""
VENDORS: Final = """
A2 A3 A7 A8 A9 A17 A18 A19 A23 A24 A25 A26 A27 A28 A42 A43 A44 A46 A49 A50 A53 A54 A60 A61 A62 A63 A64 A68 A70 C5 C6
C7 C8 C10 C11 C13 C14 C15 C18 C20 C22 C23 C27 C29 C34 C35 C36 C37 C40 C41 C42 C48 C54 C57 C60 C61 C64
"""
"""What each vendor does on the way there."""
TESTS: Final = {
    "test_chain.py": """
        test_a1_an_invoice_is_found_again_though_the_vendor_forgot_the_request_and_takes_any_number_twice
        test_a1_an_invoice_whose_answer_was_lost_is_found_again_and_counted_once
        test_c45_c46_only_the_mapped_direction_is_written
        test_c59_a_correction_that_the_books_do_not_take_is_not_told_the_crm
    """,
    "test_planfile.py": """
        test_c44_a_plan_whose_facts_moved_is_refused
    """,
    "test_stacks.py": """
        test_a15_c49_the_next_run_writes_nothing
        test_c16_the_crms_project_id_reaches_the_books
        test_c59_an_invoice_that_the_books_do_not_take_is_not_told_the_crm
        test_c59_resume_books_the_invoice_once_and_then_tells_the_crm
    """,
    "test_comparison.py": """
        test_a43_an_instant_is_the_day_it_was_in_the_books_time_zone
    """,
    "test_currencies.py": """
        test_a27_a_document_in_another_currency_than_its_customer_can_have_is_blocked_in_the_plan_with_the_way_out
    """,
    "test_diff.py": """
        test_c26_amounts_in_two_currencies_are_blocked_whoever_owns_them
        test_a17_within_the_tolerance_is_listed_under_its_reason_and_beyond_it_is_news
    """,
    "test_fields.py": """
        test_a21_minor_units_become_the_amount_people_mean
        test_c30_a_doubtful_number_is_an_error_and_never_another_number
        test_c30_fifteen_thousand_is_fifteen_thousand_in_every_spelling
    """,
    "test_log.py": """
        test_a67_a_secret_is_masked_wherever_it_hides
    """,
    "test_match.py": """
        test_c5_what_is_only_alike_is_proposed_and_nothing_is_created_meanwhile
    """,
    "test_plan_blocked.py": """
        test_a27_an_amount_is_never_written_to_a_record_in_another_currency
        test_c23_a_value_outside_a_closed_picklist_is_refused_and_a_label_is_written_as_its_option
    """,
    "test_plan_departures.py": """
        test_a7_an_archived_candidate_is_told_with_the_way_back_and_no_second_record_is_made
        test_a9_nothing_new_is_made_for_an_archived_record_and_the_other_rows_go_through
    """,
    "test_plan_lines.py": """
        test_a57_c40_a_line_that_changes_keeps_its_id_and_the_others_are_not_touched
    """,
    "test_plan_periods.py": """
        test_a50_a_document_dated_on_or_before_the_closing_date_is_not_created
        test_a50_of_two_closing_dates_the_later_holds
        test_a50_the_dry_run_knows_the_closing_date_of_quickbooks
    """,
    "test_push.py": """
        test_a4_a_name_that_somebody_else_has_is_refused_with_a_way_out
        test_c3_a_taken_number_with_our_marker_is_adopted
    """,
    "test_reconciliation.py": """
        test_a43_the_cutover_is_a_day_of_the_books_time_zone
    """,
    "test_scopes.py": """
        test_c35_a_write_scope_that_a_sign_in_lacks_is_told_with_the_plan_and_by_doctor
        test_c35_scopes_of_kinds_that_no_mapping_names_are_not_needed
        test_c35_the_scope_of_a_mapped_kind_is_named_before_anything_is_read
    """,
    "test_situations_access.py": """
        test_a64_another_company_than_the_ledgers_is_refused_before_the_first_write
        test_a70_books_whose_subscription_ended_are_told_once_and_are_still_read
        test_c13_a_contact_that_was_erased_is_not_made_again_from_its_customer
        test_c35_a_token_that_may_not_write_deals_still_makes_a_dry_run_and_writes_none
        test_c42_a_deal_whose_association_failed_gets_only_the_association_when_it_is_resumed
    """,
    "test_situations_books.py": """
        test_a15_what_quickbooks_adds_by_itself_is_no_difference
        test_a16_a_second_run_refuses_while_the_first_holds_the_ledger
        test_a20_amounts_are_exact_all_the_way
        test_a56_a_payment_that_bumped_the_sync_token_does_not_stop_the_write
        test_a56_c43_a_row_that_a_person_edited_between_plan_and_apply_is_left_alone
        test_c16_a_missing_custom_field_stops_at_the_mapping_check_with_its_place
        test_c44_a_plan_of_yesterday_is_refused
    """,
    "test_situations_crm.py": """
        test_c1_c4_a_contact_whose_answer_was_lost_is_made_once_though_the_search_lags
        test_c3_an_email_that_somebody_took_since_the_plan_is_not_written_over
        test_c12_a_deal_that_is_archived_is_told_and_its_open_invoice_stays_as_it_is
        test_c17_a_property_that_was_hidden_is_named_and_never_read_as_blank
        test_c24_a_stage_that_the_pipeline_does_not_have_is_refused_by_us
        test_c26_a_deal_is_compared_in_its_own_currency_and_never_as_a_bare_number
        test_c30_one_amount_in_several_spellings_is_equal_and_a_doubtful_one_is_no_number
        test_c31_the_last_day_of_the_year_is_the_same_day_everywhere
        test_c33_an_empty_value_clears_only_where_the_mapping_says_so
        test_c38_a_second_company_on_a_deal_leaves_the_primary_one
        test_c43_a_deal_that_a_person_edited_between_plan_and_apply_stays_as_they_left_it
        test_c45_a_field_that_both_sides_changed_is_a_conflict_with_its_base_and_is_not_written
        test_c45_a_field_that_one_side_changed_goes_to_the_other
        test_c50_a_property_that_no_mapping_reads_moves_no_difference
        test_c59_a_crm_that_fails_after_the_books_is_finished_alone_the_next_night
    """,
    "test_situations_deals.py": """
        test_a7_an_inactive_customer_is_to_be_made_active_again_and_no_second_one_is_made
        test_a25_a_tax_rate_that_the_books_do_not_have_blocks_its_row_with_the_reason
        test_c8_a_name_that_the_companys_customer_has_is_told_with_that_customer_and_never_silent
        test_c8_a_name_that_a_customer_of_nobody_has_is_told_with_the_match_to_confirm
        test_c8_a_second_contact_of_a_company_shares_the_companys_customer
        test_c41_a_deal_without_a_company_is_not_billed_and_the_reason_is_told
        test_c64_an_invoice_without_tax_is_refused_by_a_company_that_wants_it_with_what_to_map
    """,
    "test_situations_matching.py": """
        test_a4_a_name_that_a_vendor_or_an_employee_has_is_foreseen_in_the_plan
        test_a4_a_vendor_renamed_away_frees_the_name
        test_a6_names_that_differ_in_case_blanks_or_signs_are_shown_and_not_created
        test_a10_awkward_names_go_through_the_whole_chain_and_are_found_exactly_once
        test_a11_a_company_that_numbers_itself_keeps_its_number_and_the_id_tells_who_is_who
        test_a12_a_number_that_is_too_long_or_taken_is_flagged_in_the_plan_and_never_cut
        test_a48_a47_of_1001_customers_none_is_lost_or_made_twice
    """,
    "test_situations_merges.py": """
        test_a8_a_merged_contact_is_followed_and_new_invoices_go_to_the_one_it_became
        test_a8_two_customers_of_one_merged_contact_are_left_to_a_person
        test_c10_an_account_with_a_master_record_is_followed_and_one_without_is_only_reported
    """,
    "test_situations_money.py": """
        test_a21_yen_have_no_cents_and_dinars_have_three_places
        test_a37_a_payment_on_an_invoice_that_is_there_reaches_the_deal_in_the_same_run
        test_a37_one_payment_over_three_invoices_is_one_payment_with_three_links
        test_a37_two_payments_on_one_invoice_leave_the_right_balance_everywhere
        test_a38_an_overpayment_stays_unapplied_and_goes_to_no_other_invoice
        test_a39_a_payment_of_more_than_is_owed_is_refused_in_the_plan_and_not_sent
        test_a39_two_payments_that_are_too_much_together_are_not_both_sent
        test_a40_a_payment_is_ordered_after_its_invoice_and_neither_it_nor_the_deal_is_sent_without
        test_a51_a_void_at_stripe_voids_the_invoice_and_is_no_change_of_amount_to_0
        test_a51_a_void_in_the_books_is_reported_as_a_void_and_not_filled_up_again
        test_a55_a_deposited_payment_is_reported_and_not_sent_again
        test_a57_a_line_correction_leaves_other_lines_memo_custom_fields_and_payments_as_they_are
    """,
    "test_situations_tax.py": """
        test_a23_a_price_with_tax_in_it_becomes_its_net_and_the_totals_are_equal_to_the_cent
        test_a24_a_tax_that_the_company_reckons_itself_is_told_apart_from_the_net_and_not_written_over
        test_a26_a_rate_the_other_way_round_is_a_difference_and_the_right_one_is_none
        test_a27_an_invoice_in_another_currency_than_its_customers_is_never_sent_and_offers_a_second_customer
        test_a42_a_retainer_that_an_invoice_gives_back_is_counted_once
        test_a49_a_period_that_closes_after_the_plan_blocks_the_row_and_the_exit_code_says_so
        test_a54_an_invoice_that_nothing_was_paid_on_is_voided_though_others_of_its_customer_are_paid
        test_a54_the_void_of_a_paid_invoice_is_refused_in_the_plan_with_the_list_of_its_payments
    """,
    "test_changed_back.py": """
        test_c48_a_value_that_is_changed_back_is_written_three_times_then_told_with_days_values_and_ways_out
        test_c48_another_value_on_either_side_is_written_and_a_correction_there_ends_it
    """,
    "test_unkept.py": """
        test_a24_a_tax_that_the_vendor_does_not_keep_is_written_once_and_told_until_a_person_accepts_it
        test_a24_it_is_written_again_once_the_source_says_another_value
        test_a24_what_was_corrected_there_and_then_moved_back_by_hand_is_written_again
        test_a24_an_edit_of_the_mapping_lets_it_be_written_once_more
    """,
    "test_situations_writing.py": """
        test_a59_an_inactive_item_is_named_and_only_its_row_is_held
        test_a65_of_thirty_three_are_refused_and_a_rerun_sends_only_those
        test_a67_a_token_in_an_error_is_nowhere_in_the_ledger_or_in_what_is_said
        test_c52_a_daily_limit_ends_the_run_with_75_and_the_next_day_sends_only_the_rest
        test_c52_a_daily_limit_while_pulling_ends_with_75_and_goes_on_where_it_stopped
        test_c52_a_rolling_limit_is_waited_for_and_nothing_is_sent_twice
        test_c55_c20_three_bad_rows_of_a_batch_are_reported_and_the_others_applied
        test_c58_a_large_update_without_an_answer_is_looked_up_before_anything_is_sent_again
    """,
    "test_situations_xero.py": """
        test_a3_a_bill_that_is_there_is_corrected_and_no_second_one_is_put
        test_a9_an_archived_contacts_invoice_is_told_with_the_way_back_and_the_others_go_through
        test_a17_a18_a_cent_of_rounding_is_listed_and_not_corrected_for_ever
        test_a26_a_rate_the_other_way_round_is_a_difference_at_xero_and_the_right_one_is_none
        test_a28_a_currency_that_xero_does_not_have_blocks_its_invoice_and_no_other
        test_a53_an_invoice_that_goes_back_to_draft_is_told
        test_a53_an_invoice_that_nobody_approved_is_no_revenue_and_is_not_made_twice
        test_a54_the_void_of_a_paid_invoice_is_refused_in_the_plan_with_its_payments
    """,
    "test_statement.py": """
        test_a26_every_currency_has_a_line_that_foots_by_itself
    """,
    "alerts/test_alert_message.py": """
        test_a67_a_secret_is_in_no_part_of_an_alert
    """,
    "auth/test_sign_in.py": """
        test_a62_a_crash_between_rotation_and_store_recovers_within_the_vendors_grace
        test_a62_a_crash_that_cannot_be_mended_is_told_with_its_time_and_the_way_out
        test_a62_many_workers_that_find_the_token_expired_make_one_refresh
    """,
    "cli/test_auth.py": """
        test_a64_signing_in_to_another_company_is_refused_and_the_old_sign_in_stays
    """,
    "cli/test_auth_ended.py": """
        test_a63_a_sign_in_that_the_vendor_took_away_ends_the_run_with_one_message_and_one_try
        test_a63_a_run_and_doctor_warn_within_30_days_before_a_sign_in_ends
        test_a63_status_says_how_many_days_a_sign_in_lasts_and_that_it_ended
    """,
    "connectors/test_hubspot_situations.py": """
        test_c1_a_create_sent_again_after_a_lost_answer_makes_one_contact
        test_c3_a_known_email_names_the_record_to_look_at_and_writes_nothing
        test_c4_what_was_just_created_is_found_by_id_though_the_search_does_not_know_it
        test_c19_600_custom_properties_are_all_read_without_a_414
        test_c31_a_date_stays_the_same_day_both_ways_in_an_account_west_of_utc
        test_c33_a_cleared_field_is_sent_as_the_empty_text_and_an_unmapped_one_is_left
        test_c38_a_second_company_leaves_the_primary_alone
        test_c50_a_modification_date_moved_by_an_unmapped_property_changes_no_mapped_value
        test_c51_12001_contacts_that_share_one_timestamp_are_read_once
        test_c55_a_batch_of_100_with_3_bad_rows_applies_97
        test_c58_a_lost_answer_to_a_large_update_is_read_back_before_anything_is_sent_again
        test_c14_archived_and_restored_is_the_same_record
        test_c20_a_property_required_by_rule_is_named
        test_c22_options_that_live_elsewhere_are_not_refused_here
        test_c27_a_currency_that_is_not_enabled_fails_its_row_only
        test_c36_a_token_whose_maker_left_reads_differently_from_an_expired_one
    """,
    "connectors/test_plaid_banks.py": """
        test_a63_accounts_and_transactions_of_the_other_banks_are_read_before_the_run_ends_with_the_banks_name
    """,
    "connectors/test_plaid_pull.py": """
        test_a60_a_limit_that_stays_ends_with_75
        test_a60_the_limit_is_kept_and_waited_for
        test_a63_a_bank_that_wants_a_sign_in_ends_with_4_and_the_way_out
    """,
    "connectors/test_quickbooks_find.py": """
        test_a10_all_awkward_names_are_found_in_one_go
        test_a11_a_company_that_numbers_itself_gives_another_number_and_the_note_tells
    """,
    "connectors/test_quickbooks_pull.py": """
        test_a47_a_split_that_is_cut_short_goes_on
        test_a47_exactly_1000_changed_customers_are_queried_by_their_time_of_change
        test_a48_a_listing_that_hides_records_is_not_believed
        test_a48_all_of_1001_customers_are_pulled
        test_a67_a_token_in_an_error_is_never_shown
        test_a46_an_old_cursor_means_a_full_comparison
        test_a61_a_429_that_does_not_go_away_names_the_quota_and_does_not_storm
        test_a61_a_used_up_quota_is_named_and_stops_at_once
        test_a61_writes_go_on_when_reads_are_blocked
    """,
    "connectors/test_quickbooks_recorded.py": """
        test_a65_a_recorded_batch_is_read_row_by_row
    """,
    "connectors/test_quickbooks_schema.py": """
        test_a11_the_number_is_writable_only_where_the_company_lets_it
        test_a12_the_longest_number_is_known_and_configurable
        test_a68_a_configured_field_beyond_the_three_is_read_and_written
        test_a68_a_field_beyond_the_three_is_left_out_loudly_unless_configured
    """,
    "connectors/test_quickbooks_write.py": """
        test_a12_a_number_that_is_too_long_is_refused_never_cut
        test_a55_a_deposited_payment_is_reported_and_not_retried
        test_a57_a_payments_lines_are_said_again_with_every_update
        test_a59_a_reference_to_nothing_is_named
        test_a59_an_inactive_item_is_named
        test_a65_only_the_bad_rows_are_sent_again
    """,
    "connectors/test_rest_nights.py": """
        test_a2_a_request_that_arrives_a_night_late_makes_no_second_record
    """,
    "connectors/test_salesforce_nights.py": """
        test_c17_a_field_that_security_hides_ends_the_run_before_anything_is_read
        test_c43_what_a_person_changed_since_the_plan_stays
        test_c55_bad_rows_are_told_and_the_others_are_done
        test_a64_another_org_than_the_ledgers_is_refused
        test_c11_an_account_deleted_in_salesforce_is_reported_and_not_made_anew
        test_c37_a_sandbox_org_never_opens_a_live_ledger
        test_c57_a_locked_record_is_tried_again_and_succeeds_in_the_same_night
    """,
    "connectors/test_salesforce_situations.py": """
        test_a67_a_token_in_an_error_is_never_kept
        test_c1_a_create_sent_again_after_a_lost_answer_makes_one_contact
        test_c16_a_custom_field_carries_its_value_both_ways
        test_c17_a_hidden_field_fails_the_check_and_is_never_read_as_blank
        test_c19_600_custom_fields_are_all_read_without_a_414
        test_c24_a_stage_that_does_not_exist_is_refused_by_us_because_the_vendor_would_take_it
        test_c26_an_amount_is_compared_in_its_own_currency
        test_c31_a_close_date_stays_the_same_day_both_ways
        test_c33_a_cleared_field_is_sent_as_null_and_an_unmapped_one_is_left
        test_c50_a_stamp_moved_by_an_unmapped_field_changes_no_mapped_value
        test_c51_12001_contacts_that_share_one_stamp_are_read_once
        test_c58_a_lost_answer_to_200_rows_is_read_back_before_anything_is_sent_again
        test_a70_a_user_without_the_api_is_told_once
        test_c6_several_records_under_one_external_id_are_left_to_a_person
        test_c7_a_duplicate_rule_is_shown_with_its_candidates_and_never_overruled
        test_c10_a_merged_account_is_gone_and_its_winner_read_again
        test_c11_an_update_of_what_was_deleted_is_refused_and_makes_nothing_anew
        test_c15_a_log_of_deletions_that_begins_after_our_cursor_means_a_full_pull_that_says_why
        test_c18_a_field_that_may_not_be_updated_is_refused_before_any_write
        test_c23_an_inactive_value_is_read_and_not_written
        test_c27_a_currency_that_is_not_enabled_fails_its_row_only
        test_c29_yen_and_dinars_keep_their_decimals
        test_c34_a_deactivated_owner_fails_its_row_and_the_batch_goes_on
        test_c35_a_permission_that_is_missing_is_seen_before_any_write
        test_c37_a_sandbox_org_says_that_it_is_none_of_the_live_ones
        test_c54_a_page_that_is_shorter_than_asked_is_no_end
        test_c57_children_of_a_locked_account_come_later_one_by_one_and_then_succeed
        test_c60_a_formula_that_changed_through_its_parent_is_seen_when_the_object_is_read_whole
        test_c61_a_row_that_was_committed_late_is_caught_by_the_look_back
    """,
    "connectors/test_stripe_changes.py": """
        test_a46_a_cursor_31_days_old_is_a_full_pull_instead_of_a_silent_gap
        test_c61_an_event_that_becomes_visible_late_is_caught_by_the_overlap
    """,
    "connectors/test_stripe_values.py": """
        test_a20_no_number_passes_through_a_float
        test_a21_c29_minor_units_follow_stripes_own_table
        test_a38_an_overpayment_stays_with_its_charge_and_goes_to_no_other_invoice
    """,
    "connectors/test_xero_books.py": """
        test_a50_nothing_is_planned_on_or_before_the_later_of_the_two_lock_dates
    """,
    "connectors/test_xero_chain.py": """
        test_a1_an_invoice_without_a_clear_answer_is_booked_once
        test_a15_a_sale_goes_through_the_books_to_the_deal_and_the_next_nights_are_quiet
        test_a56_an_invoice_that_a_person_changed_meanwhile_is_not_overwritten
        test_a57_a_line_that_a_person_changed_is_corrected_and_the_other_lines_stay
        test_a2_an_answer_lost_with_the_process_is_found_the_next_night
        test_a60_a_day_limit_while_pushing_stops_and_the_next_day_goes_on_without_a_second_write
    """,
    "connectors/test_xero_errors.py": """
        test_a39_a_payment_of_more_than_is_due_is_refused
        test_a9_an_invoice_for_an_archived_contact_is_refused_and_the_other_rows_go_on
        test_a25_a_tax_rate_that_does_not_fit_the_account_is_named
        test_a28_a_currency_that_is_not_switched_on_blocks_its_row_alone
        test_a49_a_locked_period_says_so_with_the_date_and_where_to_change_it
        test_a70_a_plan_that_allows_no_more_documents_says_so
    """,
    "connectors/test_xero_find.py": """
        test_a6_names_that_differ_only_by_case_are_found
        test_a3_all_bills_with_one_number_are_found
    """,
    "connectors/test_xero_pull.py": """
        test_a8_a_merged_contact_is_gone_and_the_one_it_became_is_read_again
        test_a44_a_date_is_the_day_that_xero_shows_on_any_host
    """,
    "connectors/test_xero_situations.py": """
        test_a20_amounts_never_become_floats
        test_a51_a_voided_invoice_keeps_its_total_and_is_void
        test_a2_a_key_is_remembered_for_six_minutes_and_no_longer
        test_a17_tax_is_rounded_line_by_line_so_xeros_total_is_a_cent_less
        test_a18_three_equal_lines_are_each_rounded_up
        test_a23_totals_follow_how_the_document_counts_tax
        test_a26_a_rate_is_foreign_units_for_one_of_the_base_currency
        test_a53_what_nobody_approved_is_a_draft
    """,
    "connectors/test_xero_write.py": """
        test_a3_a_bill_sent_twice_would_be_two_so_the_probe_tells_them_apart_by_contact
        test_a19_a_unit_price_keeps_four_decimals
    """,
    "ledger/test_journal.py": """
        test_a16_two_runs_at_once_the_second_refuses_and_names_the_first
    """,
    "ledger/test_purging.py": """
        test_c13_nothing_of_the_person_is_left_in_any_byte_of_the_ledger_and_verify_stays_green
    """,
    "mapping/test_mapping_check.py": """
        test_c18_a_calculated_property_as_target_is_refused_before_any_write
    """,
    "mapping/test_mapping_compare.py": """
        test_a6_names_that_differ_by_case_space_accent_or_apostrophe_are_one_company
    """,
}
"""By file under tests/: the tests that answer for a situation, most of them end to end."""
NUMBER: Final = re.compile(r"(?<=_)[ac]\d{1,2}(?=_)")


def names_in(file: str) -> set[str]:
    """The names of a file's tests, without running it."""
    parsed = ast.parse((HERE / file).read_text(encoding="utf-8"))
    return {one.name for one in parsed.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


def numbers_in(name: str) -> set[str]:
    return {found.upper() for found in NUMBER.findall(name)}


@pytest.mark.parametrize("file", TESTS)
def test_the_tests_that_answer_for_situations_are_there_and_say_which(file: str) -> None:
    listed = TESTS[file].split()
    assert set(listed) <= names_in(file)
    assert [name for name in listed if not numbers_in(name)] == []


@pytest.mark.parametrize("number", [*CHAIN.split(), *VENDORS.split()])
def test_every_situation_has_a_test_that_answers_for_it(number: str) -> None:
    assert [name for listed in TESTS.values() for name in listed.split() if number in numbers_in(name)]
