// settings.go: what is set of a provider: budget, limits, rule, weights, price, pool.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"runtime"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// Budget is the tokens that the provider may use in one UTC day; 0: it has no budget.
func (p *Provider) Budget() (int64, error) { return p.number(p.ledger.c.Get(p.written, core.Budget)) }

// SetBudget sets it; 0 or less removes it.
func (p *Provider) SetBudget(tokens int64) error { return p.set(core.Budget, tokens) }

// SetLimit sets a limit by a sentence, such as "5M tokens per day America/Los_Angeles" or "900 requests per 5h first-use
// reserve 10%" (docs/windows.md). It answers the limit's number, 1 to 8. A limit that differs from one that is there in amount
// and reserve alone changes that one, and the count stays.
func (p *Provider) SetLimit(sentence string) (number int, err error) {
	if err = whole(sentence); err != nil {
		return 0, err
	}
	limit, why := core.ParseLimit(sentence)
	if why == nil {
		number, why = p.ledger.c.SetLimit(p.written, &limit)
		runtime.KeepAlive(p)
	}
	if why != nil {
		return 0, failure(why)
	}
	return number, nil
}

// RemoveLimit removes the limit of this number. It answers whether there was one.
func (p *Provider) RemoveLimit(number int) (bool, error) {
	answer := p.ledger.c.Do(p.written, core.RemoveLimit, int64(number))
	runtime.KeepAlive(p)
	return answer == 0, failed(answer)
}

// Rule is the provider's own rule; RuleDefault: it follows the ledger's.
func (p *Provider) Rule() (Rule, error) {
	rule, err := p.number(p.ledger.c.Get(p.written, core.Rule))
	return Rule(rule), err
}

func (p *Provider) SetRule(rule Rule) error { return p.set(core.Rule, int64(rule)) }

// Care is the provider's care in quarters, 5 unless it has its own; at most 32. Setting it makes RuleCare its rule.
func (p *Provider) Care() (quarters int, err error) {
	care, err := p.number(p.ledger.c.Get(p.written, core.Care))
	return int(care), err
}

func (p *Provider) SetCare(quarters int) error { return p.set(core.Care, int64(quarters)) }

// An Overage says what to do when the plan is spent and the vendor would go on serving on credit.
type Overage int

const (
	OverageAllow Overage = iota // go on
	OverageStop                 // out until the window ends
)

func (p *Provider) Overage() (Overage, error) {
	overage, err := p.number(p.ledger.c.Get(p.written, core.Overage))
	return Overage(overage), err
}

func (p *Provider) SetOverage(overage Overage) error { return p.set(core.Overage, int64(overage)) }

// Account is a hash of the account that the vendor named; 0: it named none. Equal hashes are one account.
func (p *Provider) Account() (uint64, error) {
	account, answer := p.ledger.c.Account(p.written)
	runtime.KeepAlive(p)
	return account, failed(answer)
}

// Weights are what the kinds of tokens weigh in a limit of weighted tokens, in thousandths: 1000 unless set.
type Weights struct{ Input, CacheRead, CacheWrite, Output uint32 }

func (p *Provider) Weights() (Weights, error) {
	var raw [core.TokenGroups]uint32
	answer := p.ledger.c.Weights(p.written, false, &raw)
	runtime.KeepAlive(p)
	return Weights{raw[0], raw[1], raw[2], raw[3]}, failed(answer)
}

// SetWeights sets them for what is counted from now on.
func (p *Provider) SetWeights(w Weights) error {
	answer := p.ledger.c.Weights(p.written, true, &[core.TokenGroups]uint32{w.Input, w.CacheRead, w.CacheWrite, w.Output})
	runtime.KeepAlive(p)
	return failed(answer)
}

// A Price is what a million tokens cost, in micro-dollars; -1 for a kind without a price.
type Price struct{ Input, CacheRead, CacheWrite, Output int64 }

func (p *Provider) Price() (Price, error) {
	var raw [core.TokenGroups]int64
	answer := p.ledger.c.Price(p.written, false, &raw)
	runtime.KeepAlive(p)
	return Price{raw[0], raw[1], raw[2], raw[3]}, failed(answer)
}

// SetPrice sets it: a record that states no cost gets one.
func (p *Provider) SetPrice(price Price) error {
	raw := [core.TokenGroups]int64{price.Input, price.CacheRead, price.CacheWrite, price.Output}
	answer := p.ledger.c.Price(p.written, true, &raw)
	runtime.KeepAlive(p)
	return failed(answer)
}

// Pool is the provider whose limits, budget and marks hold for this one, too; nil: it is in none.
func (p *Provider) Pool() (*Provider, error) {
	pool, name, answer := p.ledger.c.Pool(p.written)
	runtime.KeepAlive(p)
	if answer != 0 {
		return nil, failed(answer)
	}
	return p.ledger.known(pool, name), nil
}

// SetPool puts the provider into a pool of the same ledger; nil takes it out.
func (p *Provider) SetPool(pool *Provider) error {
	var raw core.Provider
	if pool != nil {
		if pool.ledger != p.ledger {
			return invalid("the pool " + pool.name + " is of another ledger")
		}
		raw = pool.written
	}
	answer := p.ledger.c.SetPool(p.written, raw)
	runtime.KeepAlive(p)
	return failed(answer)
}

func (p *Provider) set(setting uint32, value int64) error {
	answer := p.ledger.c.Set(p.written, setting, value)
	runtime.KeepAlive(p)
	return failed(answer)
}
