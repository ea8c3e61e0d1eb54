"""Everything about cases, put together once a process: who opens, who finds an officer, who hands over, who reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.addresses import Network
from bot.domain.cases import CaseRules
from bot.language.places import Gazetteer
from bot.services.aid import Aid
from bot.services.aid_desk import AidDesk
from bot.services.aid_programmes import load_programmes
from bot.services.care_list import CareList
from bot.services.case_access import AuditLog
from bot.services.case_desk import CaseDesk
from bot.services.case_papers import CasePapers
from bot.services.case_reading import CaseReading
from bot.services.case_room import CaseRoom
from bot.services.case_routing import CaseRouting
from bot.services.case_summary import CaseSummaries
from bot.services.case_tasks import CaseTasks
from bot.services.case_watch import CaseWatch
from bot.services.cases import Cases
from bot.services.experts import Experts
from bot.services.federation_desk import FederationDesk
from bot.services.federation_sheets import FederationSheets
from bot.services.handover import Forms, Handover
from bot.services.rota import Rota
from bot.services.telling import Telling
from bot.services.webhooks import Webhooks
from bot.storage.database import Database
from bot.storage.sealing import Keyring


@dataclass(frozen=True, slots=True)
class CaseOffice:
    """The services of cases. `cases` is the turns' alarm, `desk` their desk; `routing.run_due` is the job."""

    cases: Cases
    desk: CaseDesk
    routing: CaseRouting
    handover: Handover
    papers: CasePapers
    reading: CaseReading
    room: CaseRoom
    rota: Rota
    watch: CaseWatch
    tasks: CaseTasks
    care: CareList
    webhooks: Webhooks
    aid: Aid
    aid_desk: AidDesk
    experts: Experts
    federation_desk: FederationDesk
    federation_sheets: FederationSheets

    @classmethod
    def furnish(
        cls,
        database: Database,
        keyring: Keyring,
        gazetteer: Gazetteer,
        audit: AuditLog,
        forms: Forms,
        *,
        clock: Callable[[], datetime],
        rules: CaseRules,
        inside: Sequence[Network] = (),
    ) -> "CaseOffice":
        """Put the parts together; nothing is opened."""
        telling, summaries = Telling(keyring), CaseSummaries(keyring, gazetteer)
        webhooks = Webhooks(database, keyring, audit, clock=clock, inside=inside)
        routing = CaseRouting(database, telling, clock=clock, rules=rules)
        federation_desk = FederationDesk(database, gazetteer, audit, clock=clock)
        cases = Cases(database, summaries, routing, telling, audit, clock=clock, rules=rules)
        return cls(
            cases=cases,
            desk=CaseDesk(cases, summaries, routing, rules=rules),
            routing=routing,
            handover=Handover(database, keyring, routing, telling, audit, forms, clock=clock, rules=rules),
            papers=CasePapers(database, keyring, routing, audit, webhooks, clock=clock, rules=rules),
            reading=CaseReading(database, keyring, audit, clock=clock),
            room=CaseRoom(database, keyring, clock=clock, rules=rules),
            rota=Rota(database, routing, clock=clock, rules=rules),
            watch=CaseWatch(database, clock=clock),
            tasks=CaseTasks(database, keyring, clock=clock, zone=rules.hours.zone),
            care=CareList(database, clock=clock, zone=rules.hours.zone),
            webhooks=webhooks,
            aid=Aid(database, cases, load_programmes(), clock=clock, zone=rules.hours.zone),
            aid_desk=AidDesk(database, keyring, load_programmes(), audit, clock=clock, zone=rules.hours.zone),
            experts=Experts(database, cases, clock=clock),
            federation_desk=federation_desk,
            federation_sheets=FederationSheets(database, federation_desk, audit),
        )
