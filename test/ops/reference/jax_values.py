"""Values of array ops by JAX 0.10 in float64: python test/ops/reference/jax_values.py > test/ops/reference/jax-values.ts"""
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)


def ramp(*shape):
    n = int(np.prod(shape))
    return jnp.array(((np.arange(n) * 7) % 11 - 5) / 4.0).reshape(shape)


def conv(x, w, dims, stride, padding, dilation=None, groups=1):
    return lax.conv_general_dilated(
        x, w, stride, padding, rhs_dilation=dilation, dimension_numbers=dims, feature_group_count=groups
    )


def adjoint(y, w, size, dims, *rest, groups=1):
    shape = (y.shape[0], *size, w.shape[-2] * groups)
    return jax.vjp(lambda x: conv(x, w, dims, *rest, groups=groups), jnp.zeros(shape))[1](y)[0]


ONE, TWO = ("NWC", "WIO", "NWC"), ("NHWC", "HWIO", "NHWC")
signal = jnp.array([0.5, -1.25, 2.0, 0.75, -0.5])
numbers = jnp.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
pool, image = ramp(1, 5, 4, 2), ramp(1, 3, 4, 1)
add = lambda x: lax.reduce_window(x, 0.0, lax.add, (1, 3, 3, 1), (1, 2, 2, 1), "SAME")
to = lambda method, *size: jax.image.resize(image, (1, *size, 1), method, antialias=False)

values = {
    "cumlogsumexp": lax.cumlogsumexp(signal),
    "cumlogsumexpGradient": jax.grad(lambda t: jnp.sum(lax.cumlogsumexp(t) * jnp.arange(1.0, 6.0)))(signal),
    "cumprodJacobian": jax.jacobian(jnp.cumprod)(jnp.array([2.0, 0.0, 3.0])),
    "prodHessian": jax.hessian(jnp.prod)(jnp.array([2.0, 0.0, 3.0, 0.0])),
    "quantile": jnp.quantile(numbers, jnp.array([0.1, 0.25, 0.5, 0.9])),
    "conv": conv(ramp(1, 5, 4, 2), ramp(3, 2, 2, 3), TWO, (2, 1), [(1, 2), (0, 1)], (1, 2)),
    "convGroups": conv(ramp(1, 6, 4), ramp(3, 2, 6), ONE, (2,), [(1, 1)], groups=2),
    "convDepthwise": conv(ramp(1, 6, 4), ramp(3, 1, 8), ONE, (1,), "SAME", groups=4),
    "convTranspose": adjoint(ramp(1, 3, 2, 3), ramp(3, 2, 2, 3), (6, 5), TWO, (2, 3), [(1, 1), (0, 1)], (1, 2)),
    "convTransposeGroups": adjoint(ramp(1, 3, 6), ramp(3, 2, 6), (5,), ONE, (2,), [(1, 1)], groups=2),
    "convTransposeSame": adjoint(ramp(1, 3, 6), ramp(3, 2, 6), (6,), ONE, (2,), "SAME", groups=2),
    "maxPool": lax.reduce_window(pool, -jnp.inf, lax.max, (1, 3, 2, 1), (1, 2, 1, 1), [(0, 0), (1, 1), (0, 1), (0, 0)]),
    "avgPoolSame": add(pool) / add(jnp.ones_like(pool)),
    **{f"{m}{n}": to(m, *s) for m in ("linear", "nearest") for n, s in (("Up", (5, 7)), ("Down", (2, 3)), ("Mixed", (6, 2)))},
}
print('/** Made by jax_values.py. */\nexport const jaxValues = {')
for name, value in values.items():
    print(f"  {name}: {{ shape: {list(value.shape)}, data: {np.asarray(value).ravel().tolist()} }},")
print("} as const")
