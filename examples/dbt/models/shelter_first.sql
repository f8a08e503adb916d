-- Of the people who came to the shelter first and whose way is named, how many reached training: at least.
select
    sum(people) as people_first,
    sum(people) filter (regexp_matches(pathway, '>([^>]*[+])?training([>+]|$)')) as people_reached,
    count(*) filter (people_status = 'suppressed') as hidden_rows
from {{ source('release', 'ordered_pathway') }}
where regexp_matches(pathway, '^shelter(>|$)')
