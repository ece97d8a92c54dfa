"""Values, first and second derivatives of functions by JAX 0.10 in float64: writes elementwise.json and tensors.json beside itself."""
import json, pathlib
import jax, jax.numpy as jnp, numpy as np
here = pathlib.Path(__file__).parent
jax.config.update("jax_enable_x64", True)
import jax.scipy.special as jss
big=[-1e4,-100.,-30.,-7.5,-3.2,-1.1,-.6,-.05,.04,.45,.8,1.3,3.6,8.5,30.,100.,1e4]
pos=[1e-4,.05,.45,.8,1.3,3.6,8.5,30.,100.,1e4]
unit=[-.96,-.7,-.3,-.01,.02,.4,.65,.9,.999]
mid=[-20.,-7.5,-3.2,-1.1,-.6,-.05,.04,.45,.8,1.3,3.6,8.5,20.]
n=jax.nn
F={
 'expm1':(jnp.expm1,mid),'log1p':(jnp.log1p,[-.9,-.3]+pos),'exp2':(jnp.exp2,mid),'log2':(jnp.log2,pos),'log10':(jnp.log10,pos),
 'rsqrt':(lambda x:x**-.5,pos),'reciprocal':(lambda x:1/x,big),'square':(lambda x:x*x,big),'abs':(jnp.abs,big),'sign':(jnp.sign,big),
 'floor':(jnp.floor,mid),'ceil':(jnp.ceil,mid),'round':(jnp.round,mid+[.5,1.5,-2.5,-.5]),'trunc':(jnp.trunc,mid),
 'tan':(jnp.tan,[x for x in mid]),'asin':(jnp.arcsin,unit),'acos':(jnp.arccos,unit),'atan':(jnp.arctan,big),
 'sinh':(jnp.sinh,mid),'cosh':(jnp.cosh,mid),'asinh':(jnp.arcsinh,mid),'acosh':(jnp.arccosh,[1.01,1.3,3.6,8.5,30.]),'atanh':(jnp.arctanh,unit),
 'erf':(jss.erf,[-3.2,-1.1,-.6,-.05,.04,.45,.8,1.3,3.1]),'erfc':(jss.erfc,[-3.2,-1.1,-.6,-.05,.04,.45,.8,1.3,3.1,6.,9.]),'erfInv':(jss.erfinv,unit),
 'logit':(jss.logit,[.001,.05,.3,.6,.9,.999]),
 'sigmoid':(n.sigmoid,mid),'logSigmoid':(n.log_sigmoid,big),'softplus':(n.softplus,big),
 'relu':(n.relu,big),'relu6':(n.relu6,big),'leakyRelu':(n.leaky_relu,big),'elu':(n.elu,mid),'celu':(n.celu,mid),'selu':(n.selu,mid),
 'silu':(n.silu,mid),'gelu':(lambda x:n.gelu(x,approximate=False),[-8.,-3.2,-1.1,-.6,-.05,.04,.45,.8,1.3,3.6]),
 'geluTanh':(lambda x:n.gelu(x,approximate=True),[-3.2,-1.1,-.6,-.05,.04,.45,.8,1.3,3.6]),
 'mish':(n.mish,mid),'hardTanh':(n.hard_tanh,big),'hardSigmoid':(n.hard_sigmoid,big),'softsign':(n.soft_sign,mid),
}
def rows(f,xs):
  d=jax.grad(f); dd=jax.grad(d)
  return {'x':xs,'y':[float(f(x)) for x in xs],'d':[float(d(x)) for x in xs],'dd':[float(dd(x)) for x in xs]}
U={k:rows(f,[float(x) for x in xs]) for k,(f,xs) in F.items()}
A=[-3.2,-1.1,.6,2.3]; B=[-2.4,-.7,.9,3.1]
pairs=[(a,b) for a in A for b in B]
ppairs=[(a,b) for a in [.2,.6,1.3,2.9] for b in B]
G={'pow':(jnp.power,ppairs),'atan2':(jnp.arctan2,pairs),'remainder':(jnp.remainder,pairs),'maximum':(jnp.maximum,pairs),'minimum':(jnp.minimum,pairs),
 'logaddexp':(jnp.logaddexp,pairs+[(1000.,998.),(-1000.,-1001.)]),'xlogy':(jss.xlogy,[(a,abs(b)) for a,b in pairs])}
def rows2(f,ps):
  g=jax.grad(f,(0,1)); h=jax.hessian(f,(0,1))
  return {'x':ps,'y':[float(f(a,b)) for a,b in ps],'d':[[float(v) for v in g(a,b)] for a,b in ps],'dd':[[float(v) for r in h(a,b) for v in r] for a,b in ps]}
Bi={k:rows2(f,ps) for k,(f,ps) in G.items()}
json.dump({'unary':U,'binary':Bi},(here / 'elementwise.json').open('w'))
# tensor functions: value and gradient and a Hessian-vector product of <f(x), c>
rng=np.random.RandomState(0)
T={}
def tens(name,f,x,note=None):
  x=jnp.asarray(x); y=f(x); c=jnp.asarray(np.round(rng.randn(*y.shape),3)); v=jnp.asarray(np.round(rng.randn(*x.shape),3))
  s=lambda t:jnp.sum(f(t)*c)
  g=jax.grad(s); hv=jax.jvp(g,(x,),(v,))[1]
  T[name]={'x':x.tolist(),'y':y.tolist(),'c':c.tolist(),'v':v.tolist(),'d':g(x).tolist(),'dd':hv.tolist()}
r=lambda *s: np.round(rng.randn(*s)*2,3)
x=r(2,3,4)
mask=np.array([[1,0,1,1],[1,1,0,1],[0,1,1,1]],bool)
tens('softmax',lambda t:n.softmax(t,-1),x); tens('softmaxTwo',lambda t:n.softmax(t,(0,2)),x); tens('softmaxMask',lambda t:n.softmax(t,-1,where=mask),x)
tens('logSoftmax',lambda t:n.log_softmax(t,1),x); tens('logsumexp',lambda t:n.logsumexp(t,1),x); tens('logsumexpTwo',lambda t:n.logsumexp(t,(1,2),keepdims=True),x)
tens('logsumexpMask',lambda t:n.logsumexp(t,-1,where=mask),x)
tens('norm1',lambda t:jnp.sum(jnp.abs(t),-1),x); tens('norm2',lambda t:jnp.linalg.norm(t,axis=1),x); tens('normInf',lambda t:jnp.max(jnp.abs(t),(1,2)),x)
tens('normalize',lambda t:t/jnp.linalg.norm(t,axis=-1,keepdims=True),x)
tens('variance',lambda t:jnp.var(t,(0,2)),x); tens('varianceUnbiased',lambda t:jnp.var(t,1,ddof=1),x); tens('std',lambda t:jnp.std(t,-1,keepdims=True),x)
def ln(t,ax,e=1e-5): m=t.mean(ax,keepdims=True); return (t-m)/jnp.sqrt(t.var(ax,keepdims=True)+e)
sc=np.array([.5,-1.,2.,1.5]); sh=np.array([.1,.2,-.3,0.])
tens('layerNorm',lambda t:ln(t,-1)*sc+sh,x); tens('layerNormTwo',lambda t:ln(t,(1,2)),x)
tens('rmsNorm',lambda t:t/jnp.sqrt((t*t).mean(-1,keepdims=True)+1e-6)*sc,x)
tens('groupNorm',lambda t:ln(t.reshape(2,3,2,2),(1,3)).reshape(2,3,4)*sc+sh,x); tens('instanceNorm',lambda t:ln(t,1)*sc,x)
t_=jnp.asarray(r(5,4)); p=r(5,4); w=np.array([1.,0.,2.,.5,1.5]); lab=np.array([0,3,1,2,2]); dist=np.round(np.random.RandomState(3).dirichlet([1]*4,5),4)
T['data']={'target':t_.tolist(),'weights':w.tolist(),'labels':lab.tolist(),'distribution':dist.tolist(),'mask':mask.astype(int).tolist(),'scale':sc.tolist(),'shift':sh.tolist()}
W=jnp.asarray(w)[:,None]*jnp.ones((5,4))
tens('mse',lambda q:jnp.mean((q-t_)**2),p); tens('mseWeighted',lambda q:jnp.sum(W*(q-t_)**2)/W.sum(),p); tens('mae',lambda q:jnp.sum(jnp.abs(q-t_)),p)
hub=lambda e,d:jnp.where(jnp.abs(e)<d,.5*e*e,d*(jnp.abs(e)-d/2))
tens('huber',lambda q:hub(q-t_,1.5),p); tens('smoothL1',lambda q:jnp.mean(hub(q-t_,.7)/.7),p)
bt=jnp.asarray((np.asarray(t_)>0).astype(float)*.8+.1)
T['data']['binary']=bt.tolist()
tens('binaryCrossEntropy',lambda q:jnp.mean(-bt*n.log_sigmoid(q)-(1-bt)*n.log_sigmoid(-q)),p)
oh=n.one_hot(lab,4); ls=lambda q:n.log_softmax(q,-1)
tens('crossEntropy',lambda q:jnp.mean(-(oh*ls(q)).sum(-1)),p); tens('crossEntropySmooth',lambda q:jnp.sum(w*-((oh*.9+.1/4)*ls(q)).sum(-1))/w.sum(),p)
tens('crossEntropyDistribution',lambda q:-(dist*ls(q)).sum(-1),p); tens('crossEntropyFirst',lambda q:jnp.sum(-(oh.T*n.log_softmax(q,0)).sum(0)),p.T)
tens('nll',lambda q:jnp.mean(-(oh*q).sum(-1)),p); tens('klDivergence',lambda q:jnp.sum((dist*(jnp.log(jnp.maximum(dist,1e-300))-ls(q))).sum(-1)),p)
s_=jnp.sign(t_); T['data']['signs']=s_.tolist()
tens('hinge',lambda q:jnp.mean(jnp.maximum(0,1-s_*q)),p)
tens('cosineSimilarity',lambda q:(q*t_).sum(-1)/jnp.linalg.norm(q,axis=-1)/jnp.linalg.norm(t_,axis=-1),p)
json.dump(T,(here / 'tensors.json').open('w'))
