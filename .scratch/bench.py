import time
from two_systems import Desk, PEOPLE
from syncctl.ledger.totals import Totals
d=Desk(PEOPLE); d.refresh()
n=d.books.lookups.mapping_id("people")
cols=[r[1] for r in d.engine.db.execute("pragma table_info(sides)")]
with d.engine.write() as db:
    db.executemany("insert into sides (mapping,side,record,pair,hash,scope,name,body) values (?,?,?,?,1,'','x','')",
      [(n,side,i*2+side,i,) for i in range(100000) for side in (0,1)])
t=time.perf_counter(); print(Totals(d.engine).counts(n,"people",unmatched=(True,True))); print(time.perf_counter()-t)
